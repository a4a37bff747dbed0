"""The windows and smoothings that several indicators stand on."""

from __future__ import annotations

import numpy as np
import pandas as pd


def rolling(values: np.ndarray, period: int) -> pd.api.typing.Rolling[pd.Series]:
    """A window over this value and those before it."""
    return pd.Series(np.asarray(values, dtype=float)).rolling(period)


def shift(values: np.ndarray, bars: int = 1) -> np.ndarray:
    """The values of so many bars before."""
    return pd.Series(np.asarray(values, dtype=float)).shift(bars).to_numpy(copy=True)


def smooth(values: np.ndarray, period: int, weight: float) -> np.ndarray:
    """Exponential smoothing that gives each new value `weight`; it starts from the mean of the first `period`."""
    series = pd.Series(np.asarray(values, dtype=float))
    known = np.flatnonzero(series.notna())
    if len(known) < period:
        return np.full(len(series), np.nan)
    start = known[0] + period - 1
    seed = series[known[0] : start + 1].mean()
    series[: start + 1] = np.nan
    series[start] = seed
    return series.ewm(alpha=weight, adjust=False).mean().to_numpy()


def wilder(values: np.ndarray, period: int) -> np.ndarray:
    """Wilder's smoothing: each new value counts for one part in `period`."""
    return smooth(values, period, 1 / period)


def weighted(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The sum of the last values, each times its weight; the last weight goes to the newest value."""
    result = np.full(len(values), np.nan)
    if len(values) >= len(weights):
        result[len(weights) - 1 :] = np.convolve(np.asarray(values, dtype=float), weights[::-1], "valid")
    return result


def true_range(high: np.ndarray, low: np.ndarray, close: np.ndarray) -> np.ndarray:
    """The bar's range, stretched to the close before it. Unknown for the first bar."""
    before = shift(close)
    return np.maximum(high, before) - np.minimum(low, before)
