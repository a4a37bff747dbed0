"""The places of a parameter search: the named parameters that have bounds, and which of their values are tried."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from backtests.rbi.spec import Parameter, Specification

Value = float | int
# Values of one parameter, its own among them.
MOST_VALUES = 7


def space_of(specification: Specification) -> dict[str, list[Value]]:
    """Values to try by parameter; one without bounds, or whose bounds leave no choice, stays as it is.

    The size of positions is no part of the idea: more of it makes any return larger and nothing better.
    """
    moved = {name: found for name, found in specification.parameters.items() if name != specification.sizing.amount}
    found = {name: _values(parameter) for name, parameter in moved.items()}
    return {name: values for name, values in found.items() if len(values) > 1}


def places_in(space: Mapping[str, list[Value]]) -> int:
    """How many places a full grid has."""
    return int(np.prod([len(values) for values in space.values()], dtype=float)) if space else 0


def _values(parameter: Parameter) -> list[Value]:
    low, high = parameter.low, parameter.high
    if low is None or high is None or low >= high:
        return [_plain(parameter, parameter.value)]
    step = parameter.step or (1 if parameter.whole else (high - low) / (MOST_VALUES - 1))
    steps = int((high - low) / step + 1e-9)
    chosen = np.unique(np.linspace(0, steps, min(MOST_VALUES - 1, steps + 1)).round().astype(int))
    values = {_plain(parameter, low + step * int(count)) for count in chosen}
    return sorted(values | {_plain(parameter, parameter.value)})


def _plain(parameter: Parameter, value: float) -> Value:
    return round(value) if parameter.whole else float(f"{value:.10g}")
