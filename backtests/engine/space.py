"""Which sets of parameters a grid or a random search tries."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from backtests.engine.request import Value
from moondev.lib.errors import Invalid

Space = Mapping[str, Sequence[Value]]
Method = Literal["grid", "random"]
Cell = dict[str, Value]
Fits = Callable[[Cell], bool]
MOST_VALUES = 1000
# So many cells are drawn for one that is wanted, since some may not fit.
DRAWS = 20


def cells_of(space: Space, *, method: Method, most: int, seed: int, fits: Fits | None = None) -> list[Cell]:
    """The cells that fit, in the order of the grid, the last parameter moving fastest. Raises Invalid.

    A random search draws up to `most` different cells, the same ones for the same seed; of a smaller grid it takes all.
    """
    check_space(space)
    count = math.prod(len(values) for values in space.values())
    if method == "grid" and count > most:
        raise Invalid.field("/space", f"The grid has {count:,} cells and may have {most:,}. Search at random instead.")
    if count <= most:
        return [cell for place in range(count) if _fits(cell := _cell(space, place), fits)]
    many = most if fits is None else min(count, most * DRAWS)
    drawn = random.Random(seed).sample(range(count), many)  # noqa: S311
    fitting = [place for place in drawn if _fits(_cell(space, place), fits)]
    return [_cell(space, place) for place in sorted(fitting[:most])]


def _fits(cell: Cell, fits: Fits | None) -> bool:
    return fits is None or fits(cell)


def check_space(space: Space) -> None:
    """Raise Invalid for a parameter without values, or with what is no value."""
    if not space:
        raise Invalid.field("/space", "Name at least one parameter with the values to try.")
    for name, values in space.items():
        if not 1 <= len(values) <= MOST_VALUES or isinstance(values, str):
            raise Invalid.field(f"/space/{name}", f"Give {name} a list of 1 to {MOST_VALUES:,} values.")
        if not all(_is_value(value) for value in values):
            raise Invalid.field(f"/space/{name}", f"The values of {name} are numbers, words, true or false.")


def _is_value(value: object) -> bool:
    return isinstance(value, str | bool | int) or (isinstance(value, float) and math.isfinite(value))


def _cell(space: Space, place: int) -> Cell:
    """The cell at a place of the grid, counted in mixed radix."""
    cell: Cell = {}
    for name, values in reversed(list(space.items())):
        place, at = divmod(place, len(values))
        cell[name] = values[at]
    return {name: cell[name] for name in space}
