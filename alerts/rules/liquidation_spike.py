"""Liquidation spike: the sum of usd_size, in USD, of the forced orders of the last `window_minutes`.

    value(T) = sum of usd_size over rows with T - window < time <= T

of one symbol or of all. Direction long counts side SELL (a long was liquidated), short counts BUY. A window in which
nothing was liquidated is 0 USD.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alerts.rules.checks import check_fits
from alerts.rules.shapes import Aggregate, AggregateKey, Config, Decision, State, level_of

TITLE = "Liquidation spike"
ABOUT = "Fires when the forced orders of the last minutes add up to at least this many USD."
UNIT = "USD"
FEED = "liquidations"
DIRECTIONS: Mapping[str, str] = {
    "both": "Longs and shorts",
    "long": "Longs liquidated",
    "short": "Shorts liquidated",
}
NEEDS_SYMBOL = False
MOMENTARY = False
HAS_DURATION = True
SAYS = "{value} over {window}"


def check(config: Config) -> None:
    check_fits(config, directions=DIRECTIONS)


def aggregate_of(config: Config) -> AggregateKey:
    return AggregateKey(FEED, "usd", config.symbol, config.direction, config.window_minutes)


def evaluate(config: Config, aggregate: Aggregate, state: State) -> Decision:
    return Decision(level_of(config, aggregate, aggregate.value), aggregate.value, facts=aggregate.facts)


def say(value: float, written: str = "") -> str:
    return f"{written or format(value, ',.0f')} USD"


def tell(facts: Mapping[str, Any]) -> dict[str, str]:
    """Of all symbols the one with the largest part."""
    if "largest_symbol" not in facts:
        return {}
    return {"Most of it": f"{facts['largest_symbol']}, {say(facts['largest_usd'])}"}
