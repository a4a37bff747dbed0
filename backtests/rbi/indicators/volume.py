"""Indicators of the traded volume."""

from __future__ import annotations

import numpy as np

from backtests.rbi.indicators.averages import ema, sma
from backtests.rbi.indicators.shapes import Definition, Output, counted
from backtests.rbi.indicators.smoothing import rolling, shift


def volume_average(volume: np.ndarray, period: int) -> np.ndarray:
    """Mean volume of the last bars."""
    return sma(volume, period)


def relative_volume(volume: np.ndarray, period: int) -> np.ndarray:
    """The volume over the mean volume of the bars before."""
    usual = shift(sma(volume, period))
    return np.asarray(volume) / np.where(usual > 0, usual, np.nan)


def obv(close: np.ndarray, volume: np.ndarray) -> np.ndarray:
    """On-balance volume: the sum of the volumes, those of falling bars taken away."""
    way = np.sign(np.diff(np.asarray(close), prepend=np.nan))
    return np.cumsum(np.where(np.isnan(way), 1, way) * np.asarray(volume))


def accumulation(high: np.ndarray, low: np.ndarray, close: np.ndarray, volume: np.ndarray) -> np.ndarray:
    """Accumulation/distribution: volumes weighted by where the bar closed, summed up."""
    return np.cumsum(close_place(high, low, close) * np.asarray(volume))


def close_place(high: np.ndarray, low: np.ndarray, close: np.ndarray) -> np.ndarray:
    """Where the bar closed: 1 at its high, -1 at its low."""
    span = np.asarray(high) - np.asarray(low)
    return np.where(span > 0, (2 * np.asarray(close) - high - low) / np.where(span > 0, span, 1), 0.0)


def cmf(high: np.ndarray, low: np.ndarray, close: np.ndarray, volume: np.ndarray, period: int) -> np.ndarray:
    """Chaikin money flow, -1 to 1."""
    flow = rolling(close_place(high, low, close) * np.asarray(volume), period).sum()
    total = rolling(volume, period).sum()
    return (flow / total.where(total > 0)).to_numpy()


def mfi(high: np.ndarray, low: np.ndarray, close: np.ndarray, volume: np.ndarray, period: int) -> np.ndarray:
    """Money flow index, 0 to 100: an RSI of price times volume."""
    typical = (np.asarray(high) + np.asarray(low) + np.asarray(close)) / 3
    change, flow = typical - shift(typical), typical * np.asarray(volume)
    known = np.where(np.isnan(change), np.nan, 0.0)
    gain = rolling(known + np.where(change > 0, flow, 0), period).sum()
    loss = rolling(known + np.where(change < 0, flow, 0), period).sum()
    total = gain + loss
    return (100 * gain / total.where(total > 0)).where((total > 0) | total.isna(), 50.0).to_numpy()


def force(close: np.ndarray, volume: np.ndarray, period: int) -> np.ndarray:
    """Force index: the change times the volume, smoothed."""
    return ema((np.asarray(close) - shift(close)) * np.asarray(volume), period)


DEFINITIONS = (
    Definition(
        name="volume_average",
        title="Average volume",
        family="volume",
        function=volume_average,
        columns=("volume",),
        args=(counted(20),),
        outputs=(Output("line", "Average volume", "volume"),),
        words=(
            "average volume",
            "volume average",
            "volume sma",
            "volume ma",
            "avg volume",
            "volume moving average",
            "mean volume",
            "vol ma",
            "vol sma",
            "average vol",
            "avg vol",
            "normal volume",
            "usual volume",
        ),
        formula="The mean volume of the last bars.",
    ),
    Definition(
        name="relative_volume",
        title="Relative volume",
        family="volume",
        function=relative_volume,
        columns=("volume",),
        args=(counted(20),),
        outputs=(Output("line", "Relative volume", "ratio"),),
        words=("relative volume", "rvol", "volume ratio"),
        formula="The volume over the mean volume of the bars before.",
    ),
    Definition(
        name="obv",
        title="On-balance volume",
        family="volume",
        function=obv,
        columns=("close", "volume"),
        args=(),
        outputs=(Output("line", "OBV", "volume"),),
        words=("obv", "on balance volume", "on-balance volume"),
        formula="The running sum of the volumes, those of falling bars taken away (Joseph Granville, 1963).",
    ),
    Definition(
        name="accumulation",
        title="Accumulation/distribution",
        family="volume",
        function=accumulation,
        columns=("high", "low", "close", "volume"),
        args=(),
        outputs=(Output("line", "A/D line", "volume"),),
        words=(
            "accumulation distribution line",
            "accumulation distribution",
            "accumulation/distribution",
            "a/d line",
            "adl",
            "ad line",
        ),
        formula="The running sum of volumes, each weighted by where the bar closed (Marc Chaikin).",
    ),
    Definition(
        name="cmf",
        title="Chaikin money flow",
        family="volume",
        function=cmf,
        columns=("high", "low", "close", "volume"),
        args=(counted(20),),
        outputs=(Output("line", "CMF", "ratio"),),
        words=("cmf", "chaikin money flow"),
        formula="Volumes weighted by where their bars closed, over all volume (Marc Chaikin).",
    ),
    Definition(
        name="mfi",
        title="Money flow index",
        family="volume",
        function=mfi,
        columns=("high", "low", "close", "volume"),
        args=(counted(14, low=2),),
        outputs=(Output("line", "MFI", "percent"),),
        words=("mfi", "money flow index", "money flow"),
        formula="An RSI of typical price times volume, summed rather than smoothed (Quong and Soudack, 1989).",
    ),
    Definition(
        name="force",
        title="Force index",
        family="volume",
        function=force,
        columns=("close", "volume"),
        args=(counted(13),),
        outputs=(Output("line", "Force index", "ratio"),),
        words=("force index", "elder force index", "elder's force index"),
        formula="EMA of the change times the volume (Alexander Elder, 1993).",
    ),
)
