"""`Backtest.optimize` of a script: one cell after the other in this process, until its own time is up."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from backtests.engine.inside.script.failures import ScriptFailed
from backtests.engine.inside.script.session import Made, Session

_OPTIONS = ("maximize", "method", "max_tries", "constraint", "return_heatmap", "return_optimization", "random_state")
# The least: backtesting.py's own answer for a grid in which no cell traded is a run of its first cell.
_MOST_LISTED = 100_000


class Cell(dict[str, Any]):
    """Parameters as a constraint sees them: by key or by attribute."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


def optimise(session: Session, made: Made, options: dict[str, Any]) -> Any:
    """The best cell's stats, run again last, as backtesting.py does; with a heat map where the script asks for one."""
    ruling = {name: options.get(name) for name in _OPTIONS}
    space = {name: _values(value) for name, value in options.items() if name not in _OPTIONS}
    cells = _cells(space, ruling)
    worth = _worth(ruling["maximize"] or "SQN")
    found = _tried(session, made, cells, worth)
    best = max(found, key=lambda pair: pair[1]) if found else (cells[0], np.nan)
    stats = session.run(made, dict(best[0]))
    # The same as one of the cells.
    session.trials -= 1
    session.notes.add(
        f"The script tries {len(cells)} combinations in optimize(); the result is that of the best of them."
    )
    return _answer(stats, cells, found, ruling)


def _tried(
    session: Session, made: Made, cells: list[Cell], worth: Callable[[pd.Series], float]
) -> list[tuple[Cell, float]]:
    deadline, found = session.deadline(), []
    for number, cell in enumerate(cells):
        if number and time.monotonic() > deadline:
            limit = f"{session.optimise_sec:.0f} s"
            session.notes.add(
                f"optimize() was stopped after {limit}: {number} of {len(cells)} combinations were tried."
            )
            break
        stats = session.run(made, dict(cell))
        if stats["# Trades"] and not np.isnan(value := worth(stats)):
            found.append((cell, value))
        session.say({"optimise": number + 1, "of": len(cells)})
    return found


def _cells(space: dict[str, list[Any]], ruling: dict[str, Any]) -> list[Cell]:
    if not space:
        raise ScriptFailed("parameters", "optimize() is given no parameters to try.")
    allowed = ruling["constraint"] or (lambda _: True)
    every = (Cell(zip(space, values, strict=True)) for values in itertools.product(*space.values()))
    cells = [cell for cell in itertools.islice(every, _MOST_LISTED) if allowed(cell)]
    if not cells:
        raise ScriptFailed("parameters", "No combination of parameters in optimize() meets its constraint.")
    return list(_drawn(cells, ruling))


def _drawn(cells: list[Cell], ruling: dict[str, Any]) -> Iterator[Cell]:
    """All cells, or as many as `max_tries` says: a number, or a fraction of the grid."""
    tries = ruling["max_tries"] or (200 if ruling["method"] in ("sambo", "skopt") else len(cells))
    most = int(tries * len(cells)) if 0 < tries <= 1 and isinstance(tries, float) else int(tries)
    if most >= len(cells):
        yield from cells
        return
    drawn = random.Random(ruling["random_state"] or 0).sample(range(len(cells)), max(1, most))  # noqa: S311
    yield from (cells[place] for place in sorted(drawn))


def _values(value: Any) -> list[Any]:
    """backtesting.py takes a list, a range, an array or one value."""
    if isinstance(value, np.ndarray | pd.Index | pd.Series):
        return list(value.tolist())
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else [value]


def _worth(maximise: Any) -> Callable[[pd.Series], float]:
    if callable(maximise):
        return lambda stats: float(maximise(stats))
    return lambda stats: float(stats[maximise])


def _answer(stats: pd.Series, cells: list[Cell], found: list[tuple[Cell, float]], ruling: dict[str, Any]) -> Any:
    answer: list[Any] = [stats]
    if ruling["return_heatmap"]:
        places = pd.MultiIndex.from_tuples([tuple(cell.values()) for cell in cells], names=list(cells[0]))
        heat = pd.Series(np.nan, index=places, name=str(ruling["maximize"] or "SQN"))
        for cell, value in found:
            heat[tuple(cell.values())] = value
        answer.append(heat)
    if ruling["return_optimization"]:
        answer.append(None)
    return answer[0] if len(answer) == 1 else tuple(answer)
