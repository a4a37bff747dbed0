"""Moving averages: lines that follow the price."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from backtests.rbi.indicators.shapes import Definition, Output, counted
from backtests.rbi.indicators.smoothing import rolling, smooth, weighted


def sma(values: np.ndarray, period: int) -> np.ndarray:
    """Simple moving average."""
    return rolling(values, period).mean().to_numpy()


def ema(values: np.ndarray, period: int) -> np.ndarray:
    """Exponential moving average."""
    return smooth(values, period, 2 / (period + 1))


def wma(values: np.ndarray, period: int) -> np.ndarray:
    """Weighted moving average: the newest value counts `period` times, the oldest once."""
    weights = np.arange(1, period + 1)
    return weighted(values, weights / weights.sum())


def hma(values: np.ndarray, period: int) -> np.ndarray:
    """Hull moving average: a weighted average with most of its lag taken out."""
    quick = 2 * wma(values, max(1, period // 2)) - wma(values, period)
    return wma(quick, max(1, round(period**0.5)))


def dema(values: np.ndarray, period: int) -> np.ndarray:
    """Double exponential moving average."""
    once = ema(values, period)
    return 2 * once - ema(once, period)


def tema(values: np.ndarray, period: int) -> np.ndarray:
    """Triple exponential moving average."""
    once = ema(values, period)
    twice = ema(once, period)
    return 3 * once - 3 * twice + ema(twice, period)


def kama(values: np.ndarray, period: int) -> np.ndarray:
    """Kaufman's adaptive moving average: quick in a trend, slow in noise."""
    series = pd.Series(np.asarray(values, dtype=float))
    way = series.diff(period).abs()
    noise = series.diff().abs().rolling(period).sum()
    weight = ((way / noise.where(noise > 0)).fillna(0) * (2 / 3 - 2 / 31) + 2 / 31) ** 2
    result = np.full(len(series), np.nan)
    if len(series) > period:
        last = series[period - 1]
        for i in range(period, len(series)):
            last += weight[i] * (series[i] - last)
            result[i] = last
    return result


def vwma(close: np.ndarray, volume: np.ndarray, period: int) -> np.ndarray:
    """Average of the closes, each weighted by its bar's volume."""
    total = rolling(volume, period).sum()
    return (rolling(close * volume, period).sum() / total.where(total > 0)).to_numpy()


def vwap(
    high: np.ndarray, low: np.ndarray, close: np.ndarray, volume: np.ndarray, index: pd.DatetimeIndex
) -> np.ndarray:
    """Volume-weighted average price since the start of the day."""
    day = pd.DatetimeIndex(index).normalize()
    typical = (np.asarray(high) + np.asarray(low) + np.asarray(close)) / 3
    frame = pd.DataFrame({"value": typical * np.asarray(volume), "volume": np.asarray(volume)}, dtype=float)
    sums = frame.groupby(day).cumsum()
    return (sums["value"] / sums["volume"].where(sums["volume"] > 0)).to_numpy()


def _average(
    name: str, title: str, function: Callable[..., object], default: int, words: tuple[str, ...], formula: str
) -> Definition:
    return Definition(
        name=name,
        title=title,
        family="average",
        function=function,
        columns=("close",),
        args=(counted(default),),
        outputs=(Output("line", name.upper(), "source"),),
        words=words,
        formula=formula,
        takes_source=True,
    )


DEFINITIONS = (
    _average(
        "sma",
        "Simple moving average",
        sma,
        20,
        ("sma", "simple moving average", "moving average", "ma", "dma", "simple ma", "mean", "average", "avg"),
        "The mean of the last closes.",
    ),
    _average(
        "ema",
        "Exponential moving average",
        ema,
        20,
        ("ema", "exponential moving average", "exponential ma", "exponential average", "exp moving average"),
        "Each close counts 2 / (period + 1), what was before the rest; it starts from the mean of the first closes.",
    ),
    _average(
        "wma",
        "Weighted moving average",
        wma,
        20,
        ("wma", "weighted moving average", "weighted ma", "linear weighted moving average", "lwma"),
        "The mean of the last closes with weights 1, 2, … period.",
    ),
    _average(
        "hma",
        "Hull moving average",
        hma,
        20,
        ("hma", "hull moving average", "hull ma", "hull"),
        "WMA over the root of the period of 2 WMA(period / 2) - WMA(period) (Alan Hull, 2005).",
    ),
    _average(
        "dema",
        "Double exponential moving average",
        dema,
        20,
        ("dema", "double exponential moving average", "double ema"),
        "2 EMA - EMA of the EMA (Patrick Mulloy, 1994).",
    ),
    _average(
        "tema",
        "Triple exponential moving average",
        tema,
        20,
        ("tema", "triple exponential moving average", "triple ema"),
        "3 EMA - 3 EMA of the EMA + EMA of that (Patrick Mulloy, 1994).",
    ),
    _average(
        "kama",
        "Kaufman's adaptive moving average",
        kama,
        10,
        ("kama", "kaufman adaptive moving average", "kaufman's adaptive moving average", "adaptive moving average"),
        "EMA whose weight moves between those of 30 and 2 bars by how straight the price went (Perry Kaufman, 1995).",
    ),
    Definition(
        name="vwma",
        title="Volume-weighted moving average",
        family="average",
        function=vwma,
        columns=("close", "volume"),
        args=(counted(20),),
        outputs=(Output("line", "VWMA", "price"),),
        words=("vwma", "volume weighted moving average", "volume weighted ma"),
        formula="The mean of the last closes, each weighted by its volume.",
    ),
    Definition(
        name="vwap",
        title="Volume-weighted average price",
        family="average",
        function=vwap,
        columns=("high", "low", "close", "volume", "index"),
        args=(),
        outputs=(Output("line", "VWAP", "price"),),
        words=("vwap", "volume weighted average price", "daily vwap", "session vwap", "intraday vwap", "anchored vwap"),
        formula="Typical price times volume over volume, both summed since midnight UTC.",
    ),
)
