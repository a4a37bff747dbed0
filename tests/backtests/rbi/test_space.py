"""Which values of a parameter a search tries."""

from __future__ import annotations

from typing import Any

import pytest

from backtests.rbi import grammar, spec
from backtests.rbi.stages.space import space_of
from tests.backtests.pipeline.ideas import CROSSING

IDEA = "Buy when RSI(14) crosses below 30, sell when RSI rises above 70, stop 3%, risk 1%"


def values(**parameter: Any) -> list[float | int]:
    """What is tried of one parameter; its own value alone when it is left as it is."""
    average = {"kind": "indicator", "name": "sma", "args": {"period": "fast"}}
    entry = {"kind": "compare", "left": average, "sign": ">", "right": {"kind": "number", "parameter": "level"}}
    given = {"fast": {"value": 10}, "slow": {"value": 30}, "part": {"value": 0.5}, "level": parameter}
    long = {**CROSSING["long"], "entry": entry}
    return space_of(spec.read({**CROSSING, "parameters": given, "long": long})).get("level", [parameter["value"]])


@pytest.mark.parametrize(
    ("parameter", "tried"),
    [
        ({"value": 30, "low": 0, "high": 100, "step": 5}, [15, 25, 30, 35, 40, 50, 60]),
        ({"value": 3, "low": 0.1, "high": 99, "step": 0.5}, [1.6, 2.6, 3, 3.1, 4.1, 4.6, 5.6]),
        ({"value": 14, "low": 13, "high": 15, "step": 1, "whole": True}, [13, 14, 15]),
        ({"value": -40, "low": -100, "high": 0, "step": 5}, [-80, -70, -55, -45, -40, -30, -20]),
        ({"value": 1, "low": 0.5, "high": 20}, [0.5, 0.75, 1, 1.5, 1.75, 2]),
        ({"value": 7, "low": 0, "high": 100, "step": 50}, [7]),
        ({"value": 0, "low": -100, "high": 100, "step": 5}, [0]),
        ({"value": 5, "low": 5, "high": 5}, [5]),
        ({"value": 5}, [5]),
    ],
)
def test_it_tries_values_near_the_stated_one_and_within_its_bounds(
    parameter: dict[str, Any], tried: list[float]
) -> None:
    assert values(**parameter) == pytest.approx(tried)


def test_it_searches_near_what_an_idea_states_and_leaves_sizes_alone() -> None:
    found = grammar.read(IDEA).specification
    assert found is not None
    stated = {name: parameter.value for name, parameter in found.parameters.items()}
    space = space_of(found)
    assert space.keys() == {"rsi_period", "rsi_below", "rsi_above", "stop_percent"}
    for name, tried in space.items():
        assert stated[name] in tried
        assert stated[name] / 2 <= min(tried) < max(tried) <= stated[name] * 2
