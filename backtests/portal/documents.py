"""A result's stored document as the arrays and rows that pages draw. Times are seconds since 1970."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from backtests import artefacts
from backtests.models import Result
from backtests.portal.curves import Floats, Ints


@dataclass(frozen=True, slots=True)
class Trade:
    """One round trip; `size` is below zero for a short."""

    size: float
    entry_bar: int
    exit_bar: int
    entry_price: float
    exit_price: float
    entry_time: int
    exit_time: int
    pnl: float
    return_pct: float | None
    tag: str

    @property
    def is_short(self) -> bool:
        return self.size < 0

    @property
    def seconds(self) -> int:
        return self.exit_time - self.entry_time


@dataclass(frozen=True, slots=True)
class Document:
    """What is kept of a result beside its row: one value a bar in every array."""

    times: Ints
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    equity: Floats
    hold: Floats
    drawdown: Floats
    trades: list[Trade]
    log: str


def load(result: Result) -> Document | None:
    """The document of a result; None when it is kept no longer."""
    try:
        stored = artefacts.load_result_document(result)
    except FileNotFoundError:
        return None
    prices = {name: _floats(stored[name]) for name in ("open", "high", "low", "close", "equity", "drawdown")}
    return Document(
        times=np.asarray(stored["times"], np.int64),
        hold=_floats(stored["buy_hold"]),
        trades=[_trade(row) for row in stored.get("trades", ())],
        log=str(stored.get("log", "")),
        **prices,
    )


def _floats(values: list[float | None]) -> Floats:
    """None, which JSON has in place of NaN, is NaN again."""
    return np.asarray(values, np.float64)


def _trade(row: dict[str, Any]) -> Trade:
    return Trade(
        size=row["size"],
        entry_bar=row["entry_bar"],
        exit_bar=row["exit_bar"],
        entry_price=row["entry_price"],
        exit_price=row["exit_price"],
        entry_time=row["entry_time"],
        exit_time=row["exit_time"],
        pnl=row["pnl"] or 0.0,
        return_pct=row["return_pct"],
        tag=str(row.get("tag") or ""),
    )
