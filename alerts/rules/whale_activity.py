"""Whale activity: how far the number of whale addresses is from the alert's baseline.

    value(T) = |count(T) - baseline|

The baseline is the count when the alert was made, and anew whenever it fires. So there is no recovery: it fires and is
normal again. Window, symbol and direction have no part in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from alerts.rules.checks import check_fits
from alerts.rules.shapes import Aggregate, AggregateKey, Config, Decision, State, level_of

TITLE = "Whale activity"
ABOUT = "Fires when the number of whale addresses has changed by at least this many since the last time."
UNIT = "addresses"
FEED = "whale_addresses"
DIRECTIONS: Mapping[str, str] = {"both": "More or fewer"}
NEEDS_SYMBOL = False
MOMENTARY = True
HAS_DURATION = True
SAYS = "{value} more or fewer than the last time"


def check(config: Config) -> None:
    check_fits(config, directions=DIRECTIONS, symbol="none", has_recovery=False)


def aggregate_of(config: Config) -> AggregateKey:
    return AggregateKey(FEED, "count", "", "both", 0)


def evaluate(config: Config, aggregate: Aggregate, state: State) -> Decision:
    """Without a baseline the present count becomes it, and nothing has changed yet."""
    count = aggregate.value
    if count is None:
        return Decision(level_of(config, aggregate, None))
    before = count if state.baseline is None else state.baseline
    value = abs(count - before)
    level = level_of(replace(config, recovery_threshold=None), aggregate, value)
    return Decision(level, value, baseline=count, facts={"count": int(count), "before": int(before)})


def say(value: float, written: str = "") -> str:
    return f"{written or format(value, ',.0f')} {'address' if value == 1 else 'addresses'}"


def tell(facts: Mapping[str, Any]) -> dict[str, str]:
    """The count and what it is measured from."""
    return {"Whale addresses": f"{facts['count']:,}, before {facts['before']:,}"} if facts else {}
