"""A result's large part: what is too much for a row, as plain JSON. Made here, read by pages and downloads.

Times are seconds since 1970 (UTC) at which a bar opens; lists of one value a bar have equal lengths; percent is
percent; there is never a NaN.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from backtests.engine.outcomes import Ran

VERSION = 1
LONGEST_LOG = 256 * 1024
# Digits behind the point of money: a millionth of a cent is no news.
DIGITS = 6
TRADE = {
    "Size": "size",
    "EntryBar": "entry_bar",
    "ExitBar": "exit_bar",
    "EntryPrice": "entry_price",
    "ExitPrice": "exit_price",
    "PnL": "pnl",
    "ReturnPct": "return_pct",
    "Tag": "tag",
}


def document_of(ran: Ran) -> dict[str, Any]:
    """Bars, curves, trades, orders, indicator lines and the log of a result."""
    closes = ran.bars["Close"].to_numpy(float)
    times = ran.times.astype("datetime64[s]").astype(np.int64)
    return {
        "version": VERSION,
        "times": times.tolist(),
        **{name: _floats(ran.bars[name.title()].to_numpy(float)) for name in ("open", "high", "low", "close")},
        "equity": _floats(ran.equity),
        "drawdown": _floats(drawdown(ran.equity)),
        "buy_hold": _floats(ran.equity[0] * closes / closes[min(ran.warmup, len(closes) - 1)]),
        "warmup": ran.warmup,
        "trades": _trades(ran, times),
        "open_trades": ran.open_trades,
        "orders": {name: list(values) for name, values in ran.orders.items()},
        "indicators": ran.indicators,
        "adaptations": ran.adaptations,
        "log": ran.log[:LONGEST_LOG],
    }


def drawdown(equity: np.ndarray) -> np.ndarray:
    """How far the equity is below its best so far, in percent, zero or less."""
    best = np.maximum.accumulate(equity)
    return np.where(best > 0, (equity / np.where(best > 0, best, 1) - 1) * 100, 0.0)


def _trades(ran: Ran, times: np.ndarray) -> list[dict[str, Any]]:
    rows = []
    for record in ran.trades.to_dict("records"):
        trade = {short: _plain(record.get(name)) for name, short in TRADE.items()}
        trade["return_pct"] = None if trade["return_pct"] is None else round(trade["return_pct"] * 100, DIGITS)
        trade |= {f"{end}_time": int(times[int(trade[f"{end}_bar"])]) for end in ("entry", "exit")}
        rows.append(trade)
    return rows


def _plain(value: Any) -> Any:
    """A cell of a data frame as JSON has it."""
    plain = value.item() if isinstance(value, np.generic) else value
    if isinstance(plain, float):
        return round(plain, DIGITS + 4) if np.isfinite(plain) else None
    return plain if plain is None or isinstance(plain, bool | int | str) else str(plain)


def _floats(values: np.ndarray) -> list[float | None]:
    rounded = np.round(np.asarray(values, dtype=float), DIGITS)
    return [value if value == value and abs(value) != float("inf") else None for value in rounded.tolist()]
