"""Simulated funding and open interest, consistent with the simulated prices."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from marketdata.records import Funding, OpenInterest, OpenInterestTotal
from marketdata.sources.simulated.market import Market
from marketdata.sources.simulated.noise import Floats, Ints, normal, uniform
from marketdata.sources.simulated.spans import MINUTE_US, marks

FUNDING_MINUTES = 480
USUAL_RATE = 0.0001
BTC, ETH = "BTC", "ETH"


def time_text(minute: int) -> str:
    """A minute since 1970 as files write it, in UTC."""
    return datetime.fromtimestamp(minute * 60, UTC).strftime("%Y-%m-%d %H:%M:%S")


def funding(market: Market, after: datetime | None, until: datetime) -> list[Funding]:
    """Every perpetual at 00, 08 and 16 o'clock of the last three days; before that the large ones."""
    minutes = marks(after, until, dense=timedelta(days=120), every=FUNDING_MINUTES, thin_every=FUNDING_MINUTES)
    lately = until.timestamp() / 60 - 3 * 1440
    return [row for minute in minutes.tolist() for row in _funding_at(market, minute, complete=minute >= lately)]


def _funding_at(market: Market, minute: int, *, complete: bool) -> list[Funding]:
    symbols = np.arange(market.perpetuals if complete else market.majors)
    usual = uniform(market.seed, 20, symbols, minute) < 0.45
    rates: Floats = np.where(usual, USUAL_RATE, USUAL_RATE + 0.0003 * normal(market.seed, 21, symbols, minute))
    texts = [f"{rate:.8f}" for rate in rates.tolist()]
    text = time_text(minute)
    return [
        Funding(minute * MINUTE_US, text, name, rate, repr(float(rate) * 3 * 365 * 100))
        for name, rate in zip(market.names, texts, strict=False)
    ]


def open_interest(market: Market, after: datetime | None, until: datetime) -> list[OpenInterest]:
    """The large perpetuals every five minutes and all of them every hour of the last 12; before that daily."""
    minutes = marks(after, until, dense=timedelta(hours=12), every=5, thin_every=1440)
    return [row for minute in minutes.tolist() for row in _open_interest_at(market, minute)]


def _open_interest_at(market: Market, minute: int) -> list[OpenInterest]:
    complete = minute % 60 == 0 and minute % 1440
    symbols = np.arange(market.perpetuals if complete else market.majors)
    coins = market.open_interest(symbols, minute).tolist()
    prices = market.price(symbols, minute).tolist()
    return [
        OpenInterest(minute * MINUTE_US, f"{name}USDT", f"{amount:.3f}", f"{price:.{decimals}f}")
        for name, amount, price, decimals in zip(market.names, coins, prices, market.price_decimals, strict=False)
    ]


def open_interest_total(market: Market, after: datetime | None, until: datetime) -> list[OpenInterestTotal]:
    """The sum over all perpetuals in USD, every five minutes of the last day; before that every eight hours."""
    minutes = marks(after, until, dense=timedelta(days=1), every=5, thin_every=480)
    symbols: Ints = np.arange(market.perpetuals)
    at = minutes[:, None]
    usd = market.open_interest(symbols[None, :], at) * market.price(symbols[None, :], at)
    columns = (usd.sum(axis=1), usd[:, market.names.index(BTC)], usd[:, market.names.index(ETH)])
    sums = zip(minutes.tolist(), *(column.tolist() for column in columns), strict=True)
    return [
        OpenInterestTotal(minute * MINUTE_US, time_text(minute), f"{total:.2f}", f"{btc:.2f}", f"{eth:.2f}")
        for minute, total, btc, eth in sums
    ]
