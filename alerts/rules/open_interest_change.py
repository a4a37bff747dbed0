"""Open interest change: how far, in percent, the open interest has moved over the window.

    value(T) = 100 x (open_interest(T) / open_interest(T - window) - 1)

of one symbol in coins, or, without a symbol, of the whole market's total in USD. A reading holds until the next one, at
most 24 hours. Direction both compares the absolute change, long (up) the change, short (down) the change with its sign
turned.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alerts.rules.checks import check_fits
from alerts.rules.readings import change_words
from alerts.rules.shapes import Aggregate, AggregateKey, Config, Decision, State, level_of

TITLE = "Open interest change"
ABOUT = "Fires when open interest has moved by at least this many percent over the last minutes."
UNIT = "%"
FEED = "open_interest"
DIRECTIONS: Mapping[str, str] = {"both": "Up or down", "long": "Up", "short": "Down"}
NEEDS_SYMBOL = False
MOMENTARY = False
HAS_DURATION = True
SAYS = "a change of {value} over {window}"


def check(config: Config) -> None:
    check_fits(config, directions=DIRECTIONS)


def aggregate_of(config: Config) -> AggregateKey:
    feed, measure = (FEED, "open_interest") if config.symbol else ("open_interest_total", "total_usd")
    return AggregateKey(feed, measure, config.symbol, config.direction, config.window_minutes)


def evaluate(config: Config, aggregate: Aggregate, state: State) -> Decision:
    return Decision(level_of(config, aggregate, aggregate.value), aggregate.value, facts=aggregate.facts)


def say(value: float, written: str = "") -> str:
    return f"{written or format(value, ',.2f')} %"


def tell(facts: Mapping[str, Any]) -> dict[str, str]:
    """The change with its sign, and between what."""
    return {"Open interest": change_words(facts)} if facts else {}
