"""Price move: how far, in percent, a symbol's price has moved over the window.

    value(T) = 100 x (price(T) / price(T - window) - 1)

by the prices that come with the open interest. A price holds until the next one, at most 24 hours. Direction both
compares the absolute move, long (up) the move, short (down) the move with its sign turned.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alerts.rules.checks import check_fits
from alerts.rules.readings import change_words
from alerts.rules.shapes import Aggregate, AggregateKey, Config, Decision, State, level_of

TITLE = "Price move"
ABOUT = "Fires when a price has moved by at least this many percent over the last minutes."
UNIT = "%"
FEED = "open_interest"
DIRECTIONS: Mapping[str, str] = {"both": "Up or down", "long": "Up", "short": "Down"}
NEEDS_SYMBOL = True
MOMENTARY = False
HAS_DURATION = True
SAYS = "a change of {value} over {window}"


def check(config: Config) -> None:
    check_fits(config, directions=DIRECTIONS, symbol="required")


def aggregate_of(config: Config) -> AggregateKey:
    return AggregateKey(FEED, "price", config.symbol, config.direction, config.window_minutes)


def evaluate(config: Config, aggregate: Aggregate, state: State) -> Decision:
    return Decision(level_of(config, aggregate, aggregate.value), aggregate.value, facts=aggregate.facts)


def say(value: float, written: str = "") -> str:
    return f"{written or format(value, ',.2f')} %"


def tell(facts: Mapping[str, Any]) -> dict[str, str]:
    """The change with its sign, and between what."""
    return {"Price": change_words(facts)} if facts else {}
