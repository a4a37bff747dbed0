"""A result as bytes that depend on nothing but the request and the engine: no ids, no clock, no log."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np
import pandas as pd

# Significant digits: more than anyone reads, fewer than processors differ in.
DIGITS = 10


def canonical(document: Any) -> str:
    """JSON with sorted keys and rounded numbers."""
    return json.dumps(_rounded(document), sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=False)


def digest_of(values: np.ndarray) -> str:
    """SHA-256 of numbers rounded like those of a document."""
    text = "\n".join(f"{value:.{DIGITS}g}" for value in values.tolist())
    return hashlib.sha256(text.encode()).hexdigest()


def trade_records(trades: pd.DataFrame) -> list[dict[str, Any]]:
    """Trades as JSON: times in microseconds since 1970, `return_pct` in percent, amounts in the quote currency."""
    columns: dict[str, Any] = {
        "size": trades["Size"],
        "entry_bar": trades["EntryBar"],
        "exit_bar": trades["ExitBar"],
        "entry_price": trades["EntryPrice"],
        "exit_price": trades["ExitPrice"],
        "entry_time": _moments(trades["EntryTime"]),
        "exit_time": _moments(trades["ExitTime"]),
        "pnl": trades["PnL"],
        "return_pct": trades["ReturnPct"] * 100,
        "commission": trades["Commission"],
    }
    numbers = [
        dict(zip(columns, row, strict=True)) for row in zip(*(c.tolist() for c in columns.values()), strict=True)
    ]
    labels = zip(*(trades[name].tolist() for name in ("SL", "TP", "Tag")), strict=True)
    return [
        row | {"sl": _known(sl), "tp": _known(tp), "tag": _known(tag)}
        for row, (sl, tp, tag) in zip(numbers, labels, strict=True)
    ]


def _moments(times: pd.Series) -> np.ndarray:
    return times.to_numpy().astype("datetime64[us]").astype(np.int64)


def _known(value: Any) -> Any:
    """A column with numbers turns None into NaN."""
    return None if isinstance(value, float) and np.isnan(value) else value


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(inner) for inner in value]
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    return value
