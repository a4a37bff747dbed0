"""Simulated liquidations: a minute's rows are a function of the seed and the minute, whenever they are asked for.

Shaped after a large venue's stream: 91 % sells (longs liquidated), a median of about 200 US dollars with a long tail,
quiet minutes and bursts in which one symbol is hit, several orders in one millisecond.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from marketdata.records import Liquidation
from marketdata.sources.simulated.market import Market
from marketdata.sources.simulated.noise import Floats, Ints, normal, uniform

PER_MINUTE = 18.5
MOST_PER_MINUTE = 600
BURST_MINUTES, BURST_CHANCE, BURST_FACTOR, BURST_SHARE = 11, 0.04, 6.0, 0.6
LONGS = 0.91
# The share of orders whose last fill was not the whole of them.
PARTIAL = 0.35
MEDIAN_USD, SPREAD = 200.0, 1.55
LARGEST_USD = 4_000_000.0


@dataclass(frozen=True)
class _Orders:
    """The orders of some minutes as arrays of one length."""

    minute: Ints
    number: Ints
    symbol: Ints


def liquidations(market: Market, minutes: Ints) -> Iterator[Liquidation]:
    """The rows of some minutes (counted since 1970), ascending by time."""
    orders = _orders(market, minutes)
    if not len(orders.minute):
        return iter(())
    milliseconds = _milliseconds(market.seed, orders)
    price = market.price(orders.symbol, orders.minute)
    usd = np.minimum(MEDIAN_USD * np.exp(SPREAD * normal(market.seed, 5, orders.minute, orders.number)), LARGEST_USD)
    is_long = uniform(market.seed, 4, orders.minute, orders.number) < LONGS
    # The order is priced beyond the market so that it fills; the average fill is better than the order's price.
    drift = (0.001 + 0.012 * uniform(market.seed, 6, orders.minute, orders.number)) * np.where(is_long, 1, -1)
    partial = uniform(market.seed, 7, orders.minute, orders.number)
    order = np.lexsort((orders.number, milliseconds))
    columns = (milliseconds, orders.symbol, is_long, price, price * (1 + drift), usd / price, partial)
    return map(_writer(market), *(column[order].tolist() for column in columns))


def _writer(market: Market) -> Callable[[int, int, bool, float, float, float, float], Liquidation]:
    """What makes a row of one order's numbers, in the decimals of its symbol."""
    prices = [f"%.{decimals}f" for decimals in market.price_decimals]
    quantities = [f"%.{decimals}f" for decimals in market.quantity_decimals]
    steps = [10.0**-decimals for decimals in market.quantity_decimals]
    names = market.names

    def row(
        ms: int, symbol: int, is_long: bool, price: float, average: float, quantity: float, partial: float
    ) -> Liquidation:
        price_text = prices[symbol] % price
        filled = max(quantity, steps[symbol])
        quantity_text = last_text = quantities[symbol] % filled
        if partial < PARTIAL:
            last_text = quantities[symbol] % max(filled * (0.1 + 2 * partial), steps[symbol])
        return Liquidation(
            ms * 1000,
            names[symbol],
            "SELL" if is_long else "BUY",
            "LIMIT",
            "IOC",
            quantity_text,
            price_text,
            prices[symbol] % average,
            "FILLED",
            last_text,
            quantity_text,
            repr(float(quantity_text) * float(price_text)),
        )

    return row


def _orders(market: Market, minutes: Ints) -> _Orders:
    block = minutes // BURST_MINUTES
    in_burst = uniform(market.seed, 1, block) < BURST_CHANCE
    mood = 0.7 + 0.6 * uniform(market.seed, 2, minutes // 1440)
    rate = PER_MINUTE * mood * np.where(in_burst, BURST_FACTOR, 1.0)
    counts = np.minimum(-rate * np.log1p(-uniform(market.seed, 3, minutes)), MOST_PER_MINUTE).astype(np.int64)
    minute = np.repeat(minutes, counts)
    number = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    hit = uniform(market.seed, 8, minute, number) < np.repeat(in_burst, counts) * BURST_SHARE
    chance: Floats = uniform(market.seed, 9, minute, number)
    hot = uniform(market.seed, 10, minute // BURST_MINUTES)
    return _Orders(minute, number, market.pick(np.where(hit, hot, chance)))


def _milliseconds(seed: int, orders: _Orders) -> Ints:
    """Moments within the minute; about a twelfth of the orders share one with the order before."""
    together = uniform(seed, 12, orders.minute, orders.number) < 0.08
    number = orders.number - (together & (orders.number > 0))
    return np.asarray(orders.minute * 60_000 + (uniform(seed, 14, orders.minute, number) * 60_000).astype(np.int64))
