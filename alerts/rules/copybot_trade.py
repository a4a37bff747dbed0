"""Copybot trade: the largest single trade, in USD, of a followed wallet in the window.

    value(T) = max usd_value over trades with T - window < time <= T that arrived after the last firing

Each trade fires at most once: a firing counts all trades known by then as seen, and so does the alert's first look. It
fires and is normal again. Trades without a value in USD do not count. Direction long counts buys, short sells.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alerts.rules.checks import check_fits
from alerts.rules.shapes import Aggregate, AggregateKey, Config, Decision, Level, State, Trade, level_of

TITLE = "Copybot trade"
ABOUT = "Fires when a followed wallet makes a trade of at least this many USD."
UNIT = "USD"
FEED = "recent_txs"
DIRECTIONS: Mapping[str, str] = {"both": "Buys and sells", "long": "Buys", "short": "Sells"}
NEEDS_SYMBOL = False
MOMENTARY = True
HAS_DURATION = False
SAYS = "one trade of {value}"


def check(config: Config) -> None:
    check_fits(config, directions=DIRECTIONS, has_recovery=False, has_duration=HAS_DURATION)


def aggregate_of(config: Config) -> AggregateKey:
    return AggregateKey(FEED, "largest", config.symbol, config.direction, config.window_minutes)


def evaluate(config: Config, aggregate: Aggregate, state: State) -> Decision:
    """`aggregate.facts["last_id"]` is the newest trade of the whole feed, which is what a firing counts as seen."""
    if aggregate.value is None:
        return Decision(Level.NO_DATA)
    last_id = float(aggregate.facts["last_id"])
    seen = last_id if state.baseline is None else state.baseline
    new = [trade for trade in aggregate.trades if trade.id > seen]
    value = new[0].usd if new else 0.0
    return Decision(level_of(config, aggregate, value), value, baseline=last_id, facts=_told(new, config.threshold))


def _told(trades: list[Trade], threshold: float) -> dict[str, object]:
    """The largest trade, and how many reach the threshold."""
    if not trades:
        return {}
    first = trades[0]
    return {
        "wallet": first.wallet,
        "side": first.side,
        "symbol": first.symbol,
        "trade_time": first.time.isoformat(),
        "trades": sum(trade.usd >= threshold for trade in trades),
    }


def say(value: float, written: str = "") -> str:
    return f"{written or format(value, ',.0f')} USD"


def tell(facts: Mapping[str, Any]) -> dict[str, str]:
    """The largest trade: which way, of what and whose. How many there are when it is not the only one."""
    if not facts:
        return {}
    told = {"Trade": f"{facts['side']} {facts['symbol']}", "Wallet": facts["wallet"]}
    return told | ({"Trades at the threshold": f"{facts['trades']:,}"} if facts["trades"] > 1 else {})
