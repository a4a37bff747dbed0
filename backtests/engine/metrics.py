"""Our own metrics of an equity curve and its trades. docs/backtest_metrics.md states each formula.

Percent are percent, amounts are in the quote currency, times in seconds; None where a formula has no value.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

YEAR_SEC = 365.25 * 86_400


def metrics_of(
    trades: pd.DataFrame, equity: np.ndarray, bars: pd.DataFrame, *, cash: float, warmup: int
) -> dict[str, Any]:
    """Every metric by its name."""
    seconds = bars.index.to_numpy().astype("datetime64[us]").astype(np.int64) / 1e6
    years = float(seconds[-1] - seconds[0]) / YEAR_SEC
    close = bars["Close"].to_numpy(dtype=np.float64)
    found = {
        **growth(equity, years=years),
        **drawdowns(equity, seconds),
        **of_trades(trades, cash=cash),
        "exposure_pct": exposure(trades, len(equity)),
        "buy_hold_return_pct": 100 * float(close[-1] / close[warmup] - 1),
        "buy_hold_max_drawdown_pct": 100 * float(falls(close[warmup:]).min()),
        **months(equity, bars.index, cash=cash),
    }
    found["calmar"] = _ratio(found["cagr_pct"], -found["max_drawdown_pct"])
    found["martin"] = _ratio(found["cagr_pct"], found["ulcer_index"])
    return {name: _finite(value) for name, value in found.items()}


def growth(equity: np.ndarray, *, years: float) -> dict[str, Any]:
    """Return and risk from the returns of single bars, annualised by the bars that a year of this data has."""
    before = equity[:-1]
    returns = np.divide(equity[1:], before, out=np.ones(len(before)), where=before > 0) - 1
    yearly = len(returns) / years if years else math.nan
    mean = float(returns.mean()) if len(returns) else math.nan
    spread = float(returns.std(ddof=1)) if len(returns) > 1 else math.nan
    downside = math.sqrt(float(np.mean(np.minimum(returns, 0) ** 2))) if len(returns) else math.nan
    total = float(equity[-1] / equity[0])
    return {
        "return_pct": 100 * (total - 1),
        "cagr_pct": 100 * (_power(total, 1 / years) - 1) if years else math.nan,
        "volatility_pct": 100 * spread * math.sqrt(yearly),
        "sharpe": _times(_ratio(mean, spread), math.sqrt(yearly)),
        "sortino": _times(_ratio(mean, downside), math.sqrt(yearly)),
        **_shape(returns, mean),
    }


def _shape(returns: np.ndarray, mean: float) -> dict[str, Any]:
    """Skewness and kurtosis (3 is normal) of the bars' returns."""
    apart = returns - mean
    variance = float(np.mean(apart**2)) if len(returns) else 0.0
    if not variance:
        return {"skewness": math.nan, "kurtosis": math.nan}
    return {
        "skewness": float(np.mean(apart**3)) / variance**1.5,
        "kurtosis": float(np.mean(apart**4)) / variance**2,
    }


def falls(values: np.ndarray) -> np.ndarray:
    """How far each value is below the highest so far: 0 or a negative fraction."""
    return np.asarray(values / np.maximum.accumulate(values) - 1)


def drawdowns(equity: np.ndarray, seconds: np.ndarray) -> dict[str, Any]:
    """How deep and how long the equity was below its peak."""
    below = falls(equity)
    # The moment of the latest peak before each bar; what is still below at the end counts up to the end.
    peaks = np.maximum.accumulate(np.where(below == 0, seconds, -np.inf))
    over = np.where(below < 0, seconds - peaks, 0.0)
    # A bar that is back at the peak ends the time below it.
    back = np.flatnonzero((below[1:] == 0) & (below[:-1] < 0)) + 1
    longest = max(float(over.max()), float((seconds[back] - peaks[back - 1]).max()) if len(back) else 0.0)
    return {
        "max_drawdown_pct": 100 * float(below.min()),
        "max_drawdown_sec": longest,
        "under_water_pct": 100 * float((below < 0).mean()),
        "ulcer_index": math.sqrt(float(np.mean((100 * below) ** 2))),
    }


def of_trades(trades: pd.DataFrame, *, cash: float) -> dict[str, Any]:
    """Metrics of closed trades; profits are after costs."""
    pnl, returns = trades["PnL"].to_numpy(dtype=np.float64), trades["ReturnPct"].to_numpy(dtype=np.float64)
    won, lost = pnl[pnl > 0], pnl[pnl < 0]
    paid = float(trades["Commission"].sum())
    traded = float((trades["Size"].abs() * (trades["EntryPrice"] + trades["ExitPrice"])).sum())
    return {
        "trades": len(trades),
        "win_rate_pct": _ratio(100.0 * len(won), float(len(pnl))),
        "profit_factor": _ratio(float(won.sum()), -float(lost.sum())),
        "payoff_ratio": _ratio(_mean(won), -_mean(lost)),
        "expectancy_pct": 100 * _mean(returns),
        "expectancy": _mean(pnl),
        "longest_losing_streak": _longest(pnl < 0),
        "fees": paid,
        "fees_pct": 100 * paid / cash,
        "turnover": traded / cash,
    }


def exposure(trades: pd.DataFrame, bars: int) -> float:
    """The part of the bars on which a closed trade was held, its first and last bar included."""
    edges = np.zeros(bars + 1)
    np.add.at(edges, trades["EntryBar"].to_numpy(dtype=np.int64), 1)
    np.add.at(edges, trades["ExitBar"].to_numpy(dtype=np.int64) + 1, -1)
    return 100 * float((np.cumsum(edges[:-1]) > 0).mean())


def months(equity: np.ndarray, index: pd.Index, *, cash: float) -> dict[str, Any]:
    """The return of each calendar month in UTC: its last equity against that of the month before."""
    when = pd.DatetimeIndex(index)
    month = (when.year * 12 + when.month - 1).to_numpy()
    last = np.flatnonzero(np.diff(month, append=month[-1] + 1))
    ends = equity[last]
    starts = np.concatenate(([cash], ends[:-1]))
    returns = 100 * (np.divide(ends, starts, out=np.ones(len(ends)), where=starts > 0) - 1)
    rows = [
        {"year": int(month[place] // 12), "month": int(month[place] % 12) + 1, "return_pct": float(value)}
        for place, value in zip(last, returns, strict=True)
    ]
    return {
        "monthly_returns": rows,
        "best_month_pct": float(returns.max()),
        "worst_month_pct": float(returns.min()),
        "positive_months_pct": 100 * float((returns > 0).mean()),
    }


def _longest(flags: np.ndarray) -> int:
    """The length of the longest run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int64), [0]))))
    return int((edges[1::2] - edges[::2]).max(initial=0))


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else math.nan


def _ratio(value: float, by: float) -> float:
    return value / by if by and not math.isnan(by) else math.nan


def _times(value: float, by: float) -> float:
    return value * by


def _power(base: float, exponent: float) -> float:
    """Growth over a few hours may be more a year than a float can hold."""
    try:
        return base**exponent if base > 0 else 0.0
    except OverflowError:
        return math.nan


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
