"""The outside check of every fill: could these bars, with these costs and rules, have given it?

What passes here may still be hindsight, which the check for look-ahead is for. What does not pass is no result of
backtesting.py.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from backtests.engine.ledger import OPENS, Forged, Ledger
from backtests.engine.settings import Settings

# Of a price or an amount: what rounding may make of it.
TOLERANCE = 1e-9


class Bars(NamedTuple):
    """The prices of a data set as arrays."""

    open: np.ndarray
    high: np.ndarray
    low: np.ndarray
    close: np.ndarray

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Bars:
        return cls(*(frame[name].to_numpy(dtype=np.float64) for name in ("Open", "High", "Low", "Close")))

    @property
    def lowest(self) -> np.ndarray:
        """The end of each bar's range. Owners may have accepted bars whose open or close lies outside of it."""
        return np.asarray(np.minimum.reduce(self))

    @property
    def highest(self) -> np.ndarray:
        """The other end."""
        return np.asarray(np.maximum.reduce(self))


def check_fills(ledger: Ledger, bars: Bars, settings: Settings) -> None:
    """Raise Forged at the first rule that a fill breaks. Cash and margin are the account's to check."""
    _check_times(ledger, len(bars.close), settings)
    _check_pairs(ledger)
    _check_prices(ledger, bars, settings)


def _check_times(ledger: Ledger, bars: int, settings: Settings) -> None:
    _refuse((ledger.bar < ledger.first) | (ledger.bar >= bars), "Fill {} lies outside of the bars that were traded.")
    _refuse(np.diff(ledger.bar, prepend=ledger.first) < 0, "Fill {} is earlier than the one before it.")
    behind = ledger.bar - ledger.at
    if settings.trade_on_close:
        _refuse((behind != 0) & (behind != 1), "Fill {} takes the price of another bar than its own or the last.")
    else:
        _refuse(behind != 0, "Fill {} takes the price of another bar than its own.")


def _check_pairs(ledger: Ledger) -> None:
    """Every closing fill has an opening one before it, of the same side, and never closes more than is left."""
    places = np.arange(len(ledger.of))
    _refuse(ledger.size == 0, "Fill {} has no size.")
    _refuse((ledger.of < OPENS) | (ledger.of >= places), "Fill {} closes a trade that is not open.")
    closes = ledger.closes
    opened = ledger.of[closes]
    _refuse(ledger.of[opened] != OPENS, "Fill {} closes a trade that is not open.", closes)
    _refuse(ledger.size[opened] * ledger.size[closes] < 0, "Fill {} closes a trade of the other side.", closes)
    closed = np.zeros(len(places))
    np.add.at(closed, opened, np.abs(ledger.size[closes]))
    _refuse(closed > np.abs(ledger.size), "More is closed than was opened by fill {}.")
    _refuse(
        ledger.at[closes] < ledger.at[opened],
        "The trade that fill {} closes ends before it begins.",
        closes,
    )


def _check_prices(ledger: Ledger, bars: Bars, settings: Settings) -> None:
    """Inside the bar's range, after the spread that an opening fill pays.

    With trade_on_close a stop order is filled at the last close when the bar opens beyond it.
    """
    _refuse(ledger.price <= 0, "Fill {} has no price.")
    low, high = bars.lowest[ledger.at], bars.highest[ledger.at]
    if settings.trade_on_close:
        own = ledger.at == ledger.bar
        last = bars.close[ledger.bar - 1]
        low[own], high[own] = np.minimum(low, last)[own], np.maximum(high, last)[own]
    price = without_spread(ledger, settings)
    far = (price < low * (1 - TOLERANCE)) | (price > high * (1 + TOLERANCE))
    for place in np.flatnonzero(far)[:1]:
        raise Forged(
            f"Fill {place + 1} has the price {price[place]:.10g}, and bar {ledger.at[place]} "
            f"ranges from {low[place]:.10g} to {high[place]:.10g}."
        )


def without_spread(ledger: Ledger, settings: Settings) -> np.ndarray:
    """The market's price at each fill: an opening one pays the spread on top."""
    side = np.where(ledger.of == OPENS, np.sign(ledger.size), 0.0)
    return np.asarray(ledger.price / (1 + settings.spread * side))


def _refuse(broken: np.ndarray, reason: str, places: np.ndarray | None = None) -> None:
    """Raise Forged with the number of the first fill that breaks a rule, counted from 1."""
    found = np.flatnonzero(broken)
    if len(found):
        place = found[0] if places is None else places[found[0]]
        raise Forged(reason.format(place + 1))
