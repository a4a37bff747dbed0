"""The account of a run, rebuilt from its fills as backtesting.py keeps it: cash, position and equity.

Amounts count the unit of the run, as in the child: a cash of 10,000 with a unit of a millionth is 1e10.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtests.engine.checking import TOLERANCE, Bars, without_spread
from backtests.engine.ledger import OPENS, Forged, Ledger
from backtests.engine.settings import Settings


@dataclass(frozen=True)
class Account:
    """Before the first fill and after each: one value more than there are fills.

    `size` and `held` are the sum of sizes and of their absolute values, `cost` the sum of size times entry price.
    """

    cash: np.ndarray
    size: np.ndarray
    held: np.ndarray
    cost: np.ndarray


def rebuild(ledger: Ledger, settings: Settings, *, unit: float) -> Account:
    """The account after each fill."""
    opens = ledger.of == OPENS
    side = np.where(opens, 1.0, -1.0)
    entry = np.where(opens, ledger.price, ledger.price[ledger.of])
    gain = np.where(opens, 0.0, ledger.size * (ledger.price - entry))
    change = gain - commissions(ledger.size, ledger.price, settings, unit=unit)
    size = _running(side * ledger.size)
    held = _running(side * np.abs(ledger.size))
    # Sums of sizes are exact; those of amounts are not, and nothing held has cost nothing.
    cost = np.where(held == 0, 0.0, _running(side * ledger.size * entry))
    return Account(_running(change, settings.cash / unit), size, held, cost)


def commissions(size: np.ndarray, price: np.ndarray, settings: Settings, *, unit: float) -> np.ndarray:
    """What is charged for each fill."""
    return np.asarray(settings.commission_fixed / unit + np.abs(size) * price * settings.commission)


def check_margin(ledger: Ledger, account: Account, bars: Bars, settings: Settings) -> None:
    """Raise Forged when a trade was opened that the account could not carry at that moment.

    As backtesting.py: the position is worth the bar's close, and a trade in one direction begins only when none in the
    other is left. Of the commission only the relative part is counted, the fixed one depends on how an order was made.
    """
    opens = ledger.opens
    size, last = ledger.size[opens], bars.close[ledger.bar[opens]]
    held = account.held[opens]
    mixed = (account.size[opens] * size < 0) | (held != np.abs(account.size[opens]))
    equity = account.cash[opens] + last * account.size[opens] - account.cost[opens]
    free = np.maximum(0.0, equity / settings.margin - held * last)
    raw = without_spread(ledger, settings)[opens]
    need = np.abs(size) * (ledger.price[opens] + raw * settings.commission)
    for place in opens[np.flatnonzero(mixed)][:1]:
        raise Forged(f"Fill {place + 1} opens a trade against another one that is still open.")
    for place in np.flatnonzero(need > free * (1 + TOLERANCE) + TOLERANCE)[:1]:
        raise Forged(
            f"Fill {opens[place] + 1} needs {need[place] / free[place]:.4g} times what cash and margin allowed."
            if free[place]
            else f"Fill {opens[place] + 1} opens a trade when no cash or margin was left."
        )


def equity_of(ledger: Ledger, account: Account, bars: Bars) -> np.ndarray:
    """The equity at the close of each bar. Raises Forged for fills after it reached nothing."""
    count, start = len(bars.close), ledger.first
    done = np.searchsorted(ledger.bar, np.arange(count), side="right")
    equity = np.asarray(account.cash[done] + (bars.close * account.size[done] - account.cost[done]))
    if start < count:
        # Before its first bar the strategy held nothing; backtesting.py fills these in with the first value.
        equity[:start] = equity[start]
    ruined = np.flatnonzero(equity <= 0)
    if len(ruined):
        equity[ruined[0] :] = 0
        end = max(ruined[0], start)
        if len(ledger.bar) and ledger.bar[-1] > end:
            raise Forged(f"The account was empty at bar {end}, and fills come after it.")
    return equity


def _running(values: np.ndarray, first: float = 0.0) -> np.ndarray:
    """Sums from the first value on, added one by one as the broker does."""
    return np.cumsum(np.concatenate(([first], values)))
