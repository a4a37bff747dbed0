"""Which sets of parameters a grid or a random search tries."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from typing import Literal

from backtests.engine.request import Value
from moondev.lib.errors import Invalid

Space = Mapping[str, Sequence[Value]]
Method = Literal["grid", "random"]
MOST_VALUES = 1000


def cells_of(space: Space, *, method: Method, most: int, seed: int) -> list[dict[str, Value]]:
    """The cells in the order of the grid, the last parameter moving fastest. Raises Invalid.

    A random search draws `most` different cells, the same ones for the same seed; of a smaller grid it takes all.
    """
    check_space(space)
    count = math.prod(len(values) for values in space.values())
    if method == "grid" and count > most:
        raise Invalid.field("/space", f"The grid has {count:,} cells and may have {most:,}. Search at random instead.")
    chosen = range(count) if count <= most else sorted(random.Random(seed).sample(range(count), most))  # noqa: S311
    return [_cell(space, place) for place in chosen]


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


def _cell(space: Space, place: int) -> dict[str, Value]:
    """The cell at a place of the grid, counted in mixed radix."""
    cell: dict[str, Value] = {}
    for name, values in reversed(list(space.items())):
        place, at = divmod(place, len(values))
        cell[name] = values[at]
    return {name: cell[name] for name in space}
