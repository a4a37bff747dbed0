"""The places of a parameter search: the named parameters that have bounds, and which of their values are tried."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from backtests.rbi.spec import Parameter, Specification

Value = float | int
# Values of one parameter, its own among them.
MOST_VALUES = 7
# Times: from this part of a number to this many times it. What lies further away, as a stop of 90 % for one of 3 %, or
# RSI below 80 for RSI below 30, is another idea.
NEAR = 2


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
    """A parameter's own value and others near it, as many steps above its lower bound as are whole."""
    own = _plain(parameter, parameter.value)
    if parameter.low is None or parameter.high is None:
        return [own]
    near = sorted((parameter.value / NEAR, parameter.value * NEAR))
    low, high = max(parameter.low, near[0]), min(parameter.high, near[1])
    if low >= high:
        return [own]
    step = parameter.step or (1 if parameter.whole else (high - low) / (MOST_VALUES - 1))
    first, last = (low - parameter.low) / step, (high - parameter.low) / step
    steps = range(math.ceil(first - 1e-9), math.floor(last + 1e-9) + 1)
    places = np.unique(np.linspace(0, max(len(steps) - 1, 0), min(MOST_VALUES - 1, len(steps))).round().astype(int))
    return sorted({own, *(_plain(parameter, parameter.low + step * steps[place]) for place in places)})


def _plain(parameter: Parameter, value: float) -> Value:
    return round(value) if parameter.whole else float(f"{value:.10g}")
