"""From a child's answer to numbers: the fills are checked, the account is rebuilt, and everything is computed anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from backtests.engine.account import Account, check_margin, equity_of, rebuild
from backtests.engine.checking import Bars, check_fills
from backtests.engine.ledger import Ledger, read_ledger
from backtests.engine.settings import Settings
from backtests.engine.statistics import stats_of, trades_of


@dataclass(frozen=True)
class Verified:
    """What may be published of a backtest. `equity` is in the quote currency, one value a bar."""

    ledger: Ledger
    account: Account
    trades: pd.DataFrame
    equity: np.ndarray
    stats: dict[str, Any]
    unit: float


def verify(document: Any, frame: pd.DataFrame, settings: Settings) -> Verified:
    """Check the fills in an answer and compute from them. Raises Forged or TooMany."""
    ledger, bars = read_ledger(document, bars=len(frame)), Bars.of(frame)
    unit = settings.unit_for(bars.close)
    check_fills(ledger, bars, settings)
    account = rebuild(ledger, settings, unit=unit)
    check_margin(ledger, account, bars, settings)
    equity = equity_of(ledger, account, bars) * unit
    labels = document.get("labels")
    trades = trades_of(ledger, frame, settings, labels if isinstance(labels, Mapping) else {}, unit=unit)
    return Verified(ledger, account, trades, equity, stats_of(trades, equity, frame, warmup=ledger.warmup), unit)
