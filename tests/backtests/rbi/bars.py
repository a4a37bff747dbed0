"""Bars to try strategies on, and how to run a generated module on them with nothing but backtesting.py."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
from backtesting import Backtest, Strategy


def made(count: int = 600, *, freq: str = "15min", start: str = "2024-01-01", seed: int = 7) -> pd.DataFrame:
    """A random walk with volume, around 100 so that whole units can be traded."""
    random = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(random.normal(0, 0.01, count)))
    open_ = np.concatenate(([100.0], close[:-1])) * (1 + random.normal(0, 0.001, count))
    top, bottom = np.maximum(open_, close), np.minimum(open_, close)
    return pd.DataFrame(
        {
            "Open": open_,
            "High": top * (1 + random.exponential(0.003, count)),
            "Low": bottom * (1 - random.exponential(0.003, count)),
            "Close": close,
            "Volume": random.lognormal(5, 1, count),
        },
        index=pd.date_range(start, periods=count, freq=freq),
    )


def strategy_of(code: str) -> type[Strategy]:
    """The one strategy of a module."""
    space: dict[str, Any] = {"__name__": "strategy"}
    exec(compile(code, "strategy.py", "exec"), space)  # noqa: S102
    (found,) = (
        value
        for value in space.values()
        if isinstance(value, type) and issubclass(value, Strategy) and value is not Strategy
    )
    return found


def run(code: str, bars: pd.DataFrame, *, parameters: dict[str, Any] | None = None, **account: Any) -> pd.Series:
    """backtesting.py's statistics, with no costs unless `account` has them."""
    account = {"cash": 1_000_000.0, "finalize_trades": True, "exclusive_orders": True, **account}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found: pd.Series = Backtest(bars, strategy_of(code), **account).run(**(parameters or {}))
    return found


def trades_of(code: str, bars: pd.DataFrame, **given: Any) -> pd.DataFrame:
    trades: pd.DataFrame = run(code, bars, **given)["_trades"]
    return trades.sort_values("EntryBar", ignore_index=True)
