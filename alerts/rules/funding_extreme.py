"""Funding extreme: the largest absolute funding rate, a fraction per 8 hours, in force during the window.

    value(T) = max |funding_rate| over rates in force at any moment of (T - window, T]

A rate is in force from its row until the symbol's next row, at most 24 hours. Direction long counts positive rates only
(longs pay), short negative ones (shorts pay). Never the yearly percent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alerts.rules.checks import check_fits
from alerts.rules.numbers import digits
from alerts.rules.shapes import Aggregate, AggregateKey, Config, Decision, State, level_of

TITLE = "Funding extreme"
ABOUT = "Fires when a funding rate, as a fraction per 8 hours, is at least this far from zero."
UNIT = "per 8 h"
FEED = "funding"
DIRECTIONS: Mapping[str, str] = {
    "both": "Either sign",
    "long": "Positive: longs pay",
    "short": "Negative: shorts pay",
}
NEEDS_SYMBOL = False
MOMENTARY = False
HAS_DURATION = True
SAYS = "a rate of {value} within {window}"


def check(config: Config) -> None:
    check_fits(config, directions=DIRECTIONS)


def aggregate_of(config: Config) -> AggregateKey:
    return AggregateKey(FEED, "rate", config.symbol, config.direction, config.window_minutes)


def evaluate(config: Config, aggregate: Aggregate, state: State) -> Decision:
    return Decision(level_of(config, aggregate, aggregate.value), aggregate.value, facts=aggregate.facts)


def say(value: float, written: str = "") -> str:
    return f"{written or digits(round(value, 6))} per 8 h"


def tell(facts: Mapping[str, Any]) -> dict[str, str]:
    """The rate with its sign, and whose it is."""
    return {"Rate": f"{facts['largest_symbol']}, {say(facts['rate'])}"} if facts else {}
