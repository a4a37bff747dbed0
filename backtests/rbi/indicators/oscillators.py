"""Oscillators: values between two bounds that say how one-sided the last bars were."""

from __future__ import annotations

import numpy as np
import pandas as pd

from backtests.rbi.indicators.averages import sma
from backtests.rbi.indicators.shapes import Definition, Output, counted
from backtests.rbi.indicators.smoothing import rolling, shift, wilder


def rsi(values: np.ndarray, period: int) -> np.ndarray:
    """Relative strength index, 0 to 100."""
    change = np.asarray(values) - shift(values)
    gain, loss = wilder(np.maximum(change, 0), period), wilder(np.maximum(-change, 0), period)
    total = np.where(gain + loss > 0, gain + loss, np.nan)
    return np.where(gain + loss == 0, 50.0, 100 * gain / total)


def stochastic(
    high: np.ndarray, low: np.ndarray, close: np.ndarray, period: int, smooth_k: int, smooth_d: int
) -> tuple[np.ndarray, np.ndarray]:
    """Stochastic oscillator: %K and its average %D, 0 to 100."""
    lowest, highest = rolling(low, period).min(), rolling(high, period).max()
    span = (highest - lowest).where(highest > lowest)
    place = (100 * (np.asarray(close) - lowest) / span).where(span.notna() | highest.isna(), 50.0)
    k = sma(place.to_numpy(), smooth_k)
    return k, sma(k, smooth_d)


def stoch_rsi(
    values: np.ndarray, rsi_period: int, period: int, smooth_k: int, smooth_d: int
) -> tuple[np.ndarray, np.ndarray]:
    """Where the RSI lies within its own range of the last bars, 0 to 100: %K and its average %D."""
    strength = rsi(values, rsi_period)
    return stochastic(strength, strength, strength, period, smooth_k, smooth_d)


def cci(high: np.ndarray, low: np.ndarray, close: np.ndarray, period: int) -> np.ndarray:
    """Commodity channel index: the distance from the mean in mean deviations."""
    typical = (np.asarray(high) + np.asarray(low) + np.asarray(close)) / 3
    window = rolling(typical, period)
    deviation = window.apply(lambda part: np.abs(part - part.mean()).mean(), raw=True)
    return ((typical - window.mean()) / (0.015 * deviation.where(deviation > 0))).to_numpy()


def williams_r(high: np.ndarray, low: np.ndarray, close: np.ndarray, period: int) -> np.ndarray:
    """Williams %R: the close within the range of the last bars, -100 to 0."""
    lowest, highest = rolling(low, period).min(), rolling(high, period).max()
    span = (highest - lowest).where(highest > lowest)
    return (-100 * (highest - np.asarray(close)) / span).to_numpy()


def ultimate(high: np.ndarray, low: np.ndarray, close: np.ndarray, short: int, medium: int, long: int) -> np.ndarray:
    """Ultimate oscillator: buying pressure over three spans, 0 to 100."""
    before = shift(close)
    bottom, top = np.minimum(low, before), np.maximum(high, before)
    pressure, span = np.asarray(close) - bottom, top - bottom
    parts = [rolling(pressure, n).sum() / rolling(span, n).sum() for n in (short, medium, long)]
    return (100 * (4 * parts[0] + 2 * parts[1] + parts[2]) / 7).to_numpy()


def aroon(high: np.ndarray, low: np.ndarray, period: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How recent the highest high and the lowest low are, 0 to 100, and the difference of the two."""
    up, down = np.full(len(high), np.nan), np.full(len(high), np.nan)
    if len(high) > period:
        highs = np.lib.stride_tricks.sliding_window_view(np.asarray(high), period + 1)[:, ::-1]
        lows = np.lib.stride_tricks.sliding_window_view(np.asarray(low), period + 1)[:, ::-1]
        up[period:] = 100 * (1 - highs.argmax(axis=1) / period)
        down[period:] = 100 * (1 - lows.argmin(axis=1) / period)
    return up, down, up - down


def cmo(values: np.ndarray, period: int) -> np.ndarray:
    """Chande momentum oscillator: gains less losses over both, -100 to 100."""
    change = np.asarray(values) - shift(values)
    gain, loss = rolling(np.maximum(change, 0), period).sum(), rolling(np.maximum(-change, 0), period).sum()
    total = gain + loss
    return (100 * (gain - loss) / total.where(total > 0)).to_numpy()


def percent_rank(values: np.ndarray, period: int) -> np.ndarray:
    """How many percent of the last values are at or below this one."""
    return (100 * pd.Series(np.asarray(values, dtype=float)).rolling(period).rank(pct=True)).to_numpy()


DEFINITIONS = (
    Definition(
        name="rsi",
        title="Relative strength index",
        family="momentum",
        function=rsi,
        columns=("close",),
        args=(counted(14, low=2),),
        outputs=(Output("line", "RSI", "percent"),),
        words=("rsi", "relative strength index", "relative strength"),
        formula="100 times the smoothed gains over smoothed gains and losses (Welles Wilder, 1978).",
        takes_source=True,
    ),
    Definition(
        name="stochastic",
        title="Stochastic oscillator",
        family="momentum",
        function=stochastic,
        columns=("high", "low", "close"),
        args=(counted(14), counted(3, name="smooth_k"), counted(3, name="smooth_d")),
        outputs=(
            Output("k", "%K", "percent", ("stochastic k", "stochastic %k", "stoch k", "stoch %k", "%k", "slow k")),
            Output("d", "%D", "percent", ("stochastic d", "stochastic %d", "stoch d", "stoch %d", "%d", "slow d")),
        ),
        words=("stochastic", "stochastics", "stoch", "stochastic oscillator", "slow stochastic", "slow stochastics"),
        formula="Where the close lies between the lowest low and the highest high, smoothed (George Lane).",
    ),
    Definition(
        name="stoch_rsi",
        title="Stochastic RSI",
        family="momentum",
        function=stoch_rsi,
        columns=("close",),
        args=(
            counted(14, name="rsi_period", low=2),
            counted(14),
            counted(3, name="smooth_k"),
            counted(3, name="smooth_d"),
        ),
        outputs=(
            Output("k", "StochRSI %K", "percent", ("stochrsi k", "stoch rsi k", "stochrsi %k", "stoch rsi %k")),
            Output("d", "StochRSI %D", "percent", ("stochrsi d", "stoch rsi d", "stochrsi %d", "stoch rsi %d")),
        ),
        words=("stochrsi", "stoch rsi", "stochastic rsi", "stoch-rsi"),
        formula="The stochastic of the RSI instead of the price, 0 to 100 (Chande and Kroll, 1994).",
        takes_source=True,
    ),
    Definition(
        name="cci",
        title="Commodity channel index",
        family="momentum",
        function=cci,
        columns=("high", "low", "close"),
        args=(counted(20, low=2),),
        outputs=(Output("line", "CCI", "ratio"),),
        words=("cci", "commodity channel index"),
        formula="The typical price's distance from its mean over 0.015 mean deviations (Donald Lambert, 1980).",
    ),
    Definition(
        name="williams_r",
        title="Williams %R",
        family="momentum",
        function=williams_r,
        columns=("high", "low", "close"),
        args=(counted(14),),
        outputs=(Output("line", "Williams %R", "percent"),),
        words=("williams %r", "williams r", "williams%r", "%r", "williams percent r", "willr", "will %r", "wpr"),
        formula="-100 times the distance of the close from the highest high over the range (Larry Williams).",
    ),
    Definition(
        name="ultimate",
        title="Ultimate oscillator",
        family="momentum",
        function=ultimate,
        columns=("high", "low", "close"),
        args=(counted(7, name="short"), counted(14, name="medium"), counted(28, name="long")),
        outputs=(Output("line", "Ultimate oscillator", "percent"),),
        words=("ultimate oscillator", "ultimate osc", "ultosc", "uo"),
        formula="Buying pressure over true range on three spans, weighted 4, 2 and 1 (Larry Williams, 1976).",
    ),
    Definition(
        name="aroon",
        title="Aroon",
        family="momentum",
        function=aroon,
        columns=("high", "low"),
        args=(counted(25),),
        outputs=(
            Output("up", "Aroon up", "percent", ("aroon up", "aroon-up")),
            Output("down", "Aroon down", "percent", ("aroon down", "aroon-down")),
            Output("oscillator", "Aroon oscillator", "percent", ("aroon oscillator", "aroon osc")),
        ),
        words=("aroon",),
        formula="How many bars ago the highest high and the lowest low were, as 100 (now) to 0 (Tushar Chande, 1995).",
    ),
    Definition(
        name="cmo",
        title="Chande momentum oscillator",
        family="momentum",
        function=cmo,
        columns=("close",),
        args=(counted(14),),
        outputs=(Output("line", "CMO", "percent"),),
        words=("cmo", "chande momentum oscillator", "chande momentum"),
        formula="100 times gains less losses over gains and losses (Tushar Chande, 1994).",
        takes_source=True,
    ),
    Definition(
        name="percent_rank",
        title="Percent rank",
        family="momentum",
        function=percent_rank,
        columns=("close",),
        args=(counted(100, low=2, high=5000),),
        outputs=(Output("line", "Percent rank", "percent"),),
        words=("percent rank", "percentile rank", "percentile", "percentrank"),
        formula="How many percent of the last values are at or below this one.",
        takes_source=True,
    ),
)
