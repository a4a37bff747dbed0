"""The map of an optimisation: what came of every place of a parameter grid, as a table of two parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backtests.models import Result, Trial
from backtests.objectives import Objective, objective_of
from backtests.portal.words import percent, plain, ratio

# Shades a side of zero.
SHADES = 4
MOST_LINES = 40
Cell = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Square:
    """One place: `shade` is -4 to 4, the sign of its number and how large that is among the others."""

    text: str
    shade: int
    is_chosen: bool

    @property
    def tone(self) -> str:
        """The colour class."""
        return f"h{'n' if self.shade < 0 else 'p'}{abs(self.shade)}" if self.shade else "h0"


@dataclass(frozen=True, slots=True)
class Heat:
    """A table of `shown`: `across` and `down` name the parameters, `best` says over which others the best was taken."""

    shown: str
    across: str
    down: str
    columns: tuple[str, ...]
    lines: tuple[tuple[str, tuple[Square | None, ...]], ...]
    best: tuple[str, ...]
    tried: int
    failed: int

    @property
    def is_chosen_shown(self) -> bool:
        """Whether the result's own place is in the table."""
        return any(square is not None and square.is_chosen for _, squares in self.lines for square in squares)


def heat_of(result: Result) -> Heat | None:
    """The map of the grid that was tried for a result's strategy on its data set; None without one."""
    rows = Trial.objects.filter(run=result.run_id, idea=result.idea_id, kind="cell", dataset=result.dataset_id)
    cells = [cell for row in rows for cell in cells_of(row.detail)]
    return build(cells, result.parameters, objective_of(result.run)) if cells else None


def cells_of(detail: Mapping[str, Any]) -> Iterable[Cell]:
    """A trial holds one cell, or a list of them."""
    found: list[Cell] = detail.get("cells", [detail] if "parameters" in detail else [])
    return found


def build(cells: Sequence[Cell], chosen: Mapping[str, Any], objective: Objective) -> Heat | None:
    """A table over the two parameters with most values; of what differs only in others the best number is shown."""
    values: dict[str, set[Any]] = {}
    for cell in cells:
        for name, value in cell["parameters"].items():
            values.setdefault(name, set()).add(value)
    names = sorted((name for name in values if len(values[name]) > 1), key=lambda name: -len(values[name]))
    if not names:
        return None
    across, down = names[0], names[1] if len(names) > 1 else ""
    best = _best(cells, across, down, objective)
    columns = sorted({key[0] for key in best})[:MOST_LINES]
    downs = sorted({key[1] for key in best})[:MOST_LINES]
    most = max((abs(value) for value in best.values() if value is not None), default=0.0)
    here = (chosen.get(across), chosen.get(down) if down else "")
    told = percent if objective.field.endswith("_pct") else ratio
    lines = tuple(
        (plain(y), tuple(_square(best, (x, y), most, told, is_chosen=(x, y) == here) for x in columns)) for y in downs
    )
    failed = sum(1 for cell in cells if _number(cell, objective) is None)
    return Heat(objective.title, across, down, tuple(map(plain, columns)), lines, tuple(names[2:]), len(cells), failed)


def _best(cells: Iterable[Cell], across: str, down: str, objective: Objective) -> dict[tuple[Any, Any], float | None]:
    best: dict[tuple[Any, Any], float | None] = {}
    for cell in cells:
        parameters = cell["parameters"]
        if across not in parameters or (down and down not in parameters):
            continue
        key = (parameters[across], parameters[down] if down else "")
        found, before = _number(cell, objective), best.get(key)
        best[key] = found if before is None else before if found is None else max(before, found)
    return best


def _number(cell: Cell, objective: Objective) -> float | None:
    """What came of a place; None where it failed or made no trade."""
    stats = cell.get("stats") or {}
    found = cell.get(objective.field, stats.get(objective.theirs))
    return float(found) if isinstance(found, int | float) else None


def _square(
    best: Mapping[tuple[Any, Any], float | None],
    key: tuple[Any, Any],
    most: float,
    told: Callable[[float | None], str],
    *,
    is_chosen: bool,
) -> Square | None:
    if key not in best:
        return None
    value = best[key]
    shade = 0 if not value or not most else round(SHADES * value / most) or (1 if value > 0 else -1)
    return Square(told(value), shade, is_chosen)
