"""The table of trades and backtesting.py's own statistics, from checked fills and a rebuilt equity curve."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
from backtesting._stats import compute_stats
from backtesting._util import _Indicator

from backtests.engine.account import commissions
from backtests.engine.ledger import LONGEST_TAG, Ledger
from backtests.engine.settings import Settings

# The contract's columns, by backtesting.py's name for the same number.
COLUMNS = {
    "Return %": "Return [%]",
    "Buy & Hold %": "Buy & Hold Return [%]",
    "Max Drawdown %": "Max. Drawdown [%]",
    "Sharpe Ratio": "Sharpe Ratio",
    "Sortino Ratio": "Sortino Ratio",
    "Exposure %": "Exposure Time [%]",
    "EV %": "Expectancy [%]",
    "Trades": "# Trades",
}


def trades_of(
    ledger: Ledger, frame: pd.DataFrame, settings: Settings, labels: Mapping[str, Any], *, unit: float
) -> pd.DataFrame:
    """backtesting.py's table of closed trades, in the order of closing and in the customer's units."""
    closes = ledger.closes
    opened = ledger.of[closes]
    size, entry, exit_ = ledger.size[closes], ledger.price[opened], ledger.price[closes]
    paid = commissions(size, exit_, settings, unit=unit) + commissions(size, entry, settings, unit=unit)
    table = pd.DataFrame(
        {
            "Size": size * unit,
            "EntryBar": ledger.at[opened],
            "ExitBar": ledger.at[closes],
            "EntryPrice": entry,
            "ExitPrice": exit_,
            "SL": _prices(labels.get("sl"), len(closes)),
            "TP": _prices(labels.get("tp"), len(closes)),
            "PnL": (size * (exit_ - entry) - paid) * unit,
            "Commission": paid * unit,
            "ReturnPct": np.copysign(1, size) * (exit_ / entry - 1) - paid / (np.abs(size) * entry),
            "EntryTime": frame.index[ledger.at[opened]],
            "ExitTime": frame.index[ledger.at[closes]],
        }
    )
    table["Duration"] = table["ExitTime"] - table["EntryTime"]
    table["Tag"] = _tags(labels.get("tag"), len(closes))
    return table


def open_trades_of(ledger: Ledger, *, unit: float) -> list[dict[str, Any]]:
    """What is still held at the end."""
    left = ledger.size.copy()
    np.subtract.at(left, ledger.of[ledger.closes], ledger.size[ledger.closes])
    return [
        {
            "size": float(left[place] * unit),
            "entry_bar": int(ledger.at[place]),
            "entry_price": float(ledger.price[place]),
        }
        for place in ledger.opens
        if left[place]
    ]


def stats_of(trades: pd.DataFrame, equity: np.ndarray, frame: pd.DataFrame, *, warmup: int) -> dict[str, Any]:
    """What `Backtest.run` reports, as JSON, with the contract's names beside. `equity` is in the quote currency."""
    with np.errstate(all="ignore"):
        found = compute_stats(trades, equity, frame, _warmed_up(warmup, len(frame)))
    stats = {str(name): plain(value) for name, value in found.items() if not str(name).startswith("_")}
    paid = float(sum(trades["Commission"]))
    if paid:
        stats["Commissions [$]"] = paid
    return stats | {name: stats[theirs] for name, theirs in COLUMNS.items()}


def plain(value: Any) -> Any:
    """A value as JSON: no NaN or infinity, times in ISO 8601, durations as backtesting.py prints them."""
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    if isinstance(value, pd.Timedelta):
        return str(value)
    if value is None or value is pd.NaT:
        return None
    if isinstance(value, int | np.integer):
        return int(value)
    number = float(value)
    return number if math.isfinite(number) else None


def _warmed_up(warmup: int, bars: int) -> SimpleNamespace:
    """As much of a strategy as compute_stats looks at: an indicator that begins with the first bar traded."""
    values = np.ones(bars)
    values[:warmup] = np.nan
    return SimpleNamespace(warmup=_Indicator(values, name="warm-up", scatter=False), _indicators=[])


def _prices(values: Any, count: int) -> list[float | None]:
    """Stops and targets are shown and not computed with, so what is no price is left out."""
    if not isinstance(values, list) or len(values) != count:
        return [None] * count
    return [float(v) if type(v) in (int, float) and 0 < v < 1e300 else None for v in values]


def _tags(values: Any, count: int) -> list[str | None]:
    if not isinstance(values, list) or len(values) != count:
        return [None] * count
    return [value[:LONGEST_TAG] if isinstance(value, str) else None for value in values]
