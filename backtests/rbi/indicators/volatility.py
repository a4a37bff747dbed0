"""Bands and measures of how much the price moves."""

from __future__ import annotations

import numpy as np

from backtests.rbi.indicators.averages import ema, sma
from backtests.rbi.indicators.shapes import Definition, Output, counted, factor
from backtests.rbi.indicators.smoothing import rolling, shift, true_range, wilder


def bollinger(
    values: np.ndarray, period: int, width: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Bollinger bands: upper, middle and lower band, the width in percent of the middle, and %b."""
    middle, spread = sma(values, period), stdev(values, period) * width
    upper, lower = middle + spread, middle - spread
    place = (np.asarray(values) - lower) / np.where(upper > lower, upper - lower, np.nan)
    return upper, middle, lower, 100 * (upper - lower) / middle, place


def keltner(
    high: np.ndarray, low: np.ndarray, close: np.ndarray, period: int, atr_period: int, width: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Keltner channel: upper, middle and lower line."""
    middle, spread = ema(close, period), atr(high, low, close, atr_period) * width
    return middle + spread, middle, middle - spread


def donchian(high: np.ndarray, low: np.ndarray, period: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Donchian channel of the bars before this one: highest high, middle and lowest low."""
    upper, lower = shift(highest(high, period)), shift(lowest(low, period))
    return upper, (upper + lower) / 2, lower


def highest(values: np.ndarray, period: int) -> np.ndarray:
    """The highest of the last values, this one among them."""
    return rolling(values, period).max().to_numpy()


def lowest(values: np.ndarray, period: int) -> np.ndarray:
    """The lowest of the last values, this one among them."""
    return rolling(values, period).min().to_numpy()


def atr(high: np.ndarray, low: np.ndarray, close: np.ndarray, period: int) -> np.ndarray:
    """Average true range."""
    return wilder(true_range(high, low, close), period)


def atr_percent(high: np.ndarray, low: np.ndarray, close: np.ndarray, period: int) -> np.ndarray:
    """Average true range in percent of the close."""
    return 100 * atr(high, low, close, period) / np.asarray(close)


def stdev(values: np.ndarray, period: int) -> np.ndarray:
    """Standard deviation of the last values."""
    return rolling(values, period).std(ddof=0).to_numpy()


def zscore(values: np.ndarray, period: int) -> np.ndarray:
    """How many standard deviations the value lies over the mean of the last ones."""
    spread = stdev(values, period)
    return (np.asarray(values) - sma(values, period)) / np.where(spread > 0, spread, np.nan)


def volatility(values: np.ndarray, period: int) -> np.ndarray:
    """Standard deviation of the bars' returns, in percent."""
    before = shift(values)
    return 100 * stdev(np.asarray(values) / np.where(before == 0, np.nan, before) - 1, period)


def choppiness(high: np.ndarray, low: np.ndarray, close: np.ndarray, period: int) -> np.ndarray:
    """Choppiness index: near 100 the price goes nowhere, near 0 it goes straight."""
    span = rolling(high, period).max() - rolling(low, period).min()
    way = rolling(true_range(high, low, close), period).sum()
    return (100 * np.log10(way / span.where(span > 0)) / np.log10(period)).to_numpy()


DEFINITIONS = (
    Definition(
        name="bollinger",
        title="Bollinger bands",
        family="volatility",
        function=bollinger,
        columns=("close",),
        args=(counted(20, low=2), factor("width", 2, 0.1, 10, 0.1)),
        outputs=(
            Output("upper", "Upper Bollinger band", "source", ("upper bollinger band", "upper bollinger", "upper bb")),
            Output(
                "middle", "Middle Bollinger band", "source", ("middle bollinger band", "middle bollinger", "mid bb")
            ),
            Output("lower", "Lower Bollinger band", "source", ("lower bollinger band", "lower bollinger", "lower bb")),
            Output(
                "bandwidth",
                "Bollinger width",
                "ratio",
                (
                    "bollinger width",
                    "bollinger band width",
                    "bb width",
                    "bbw",
                    "band width",
                    "bandwidth",
                    "width of the bands",
                ),
            ),
            Output(
                "percent", "Bollinger %b", "ratio", ("bollinger %b", "%b", "bb %b", "percent b", "bollinger percent b")
            ),
        ),
        words=("bollinger bands", "bollinger band", "bollinger", "bb", "bbands", "bollingers", "bbs"),
        formula="SMA with bands of so many standard deviations; the width in percent of the SMA (John Bollinger).",
        takes_source=True,
    ),
    Definition(
        name="keltner",
        title="Keltner channel",
        family="volatility",
        function=keltner,
        columns=("high", "low", "close"),
        args=(counted(20), counted(10, name="atr_period"), factor("width", 2, 0.1, 10, 0.1)),
        outputs=(
            Output(
                "upper", "Upper Keltner line", "price", ("upper keltner channel", "upper keltner band", "upper keltner")
            ),
            Output("middle", "Middle Keltner line", "price", ("middle keltner channel", "middle keltner")),
            Output(
                "lower", "Lower Keltner line", "price", ("lower keltner channel", "lower keltner band", "lower keltner")
            ),
        ),
        words=("keltner channel", "keltner channels", "keltner", "keltner bands", "keltner band", "kc"),
        formula="EMA of the close with lines of so many ATR (Chester Keltner, as changed by Linda Raschke).",
    ),
    Definition(
        name="donchian",
        title="Donchian channel",
        family="volatility",
        function=donchian,
        columns=("high", "low"),
        args=(counted(20),),
        outputs=(
            Output(
                "upper",
                "Upper Donchian line",
                "price",
                ("upper donchian channel", "upper donchian band", "upper donchian"),
            ),
            Output("middle", "Middle Donchian line", "price", ("middle donchian channel", "middle donchian")),
            Output(
                "lower",
                "Lower Donchian line",
                "price",
                ("lower donchian channel", "lower donchian band", "lower donchian"),
            ),
        ),
        words=("donchian channel", "donchian channels", "donchian", "donchian band", "donchian bands", "dc"),
        formula="Highest high and lowest low of the bars before this one, so that it can be broken (Richard Donchian).",
    ),
    Definition(
        name="highest",
        title="Highest",
        family="volatility",
        function=highest,
        columns=("high",),
        args=(counted(20, high=5000),),
        outputs=(Output("line", "Highest high", "source"),),
        words=("highest high", "highest", "highest price"),
        formula="The highest of the last values, this bar's among them; one bar ago it can be broken.",
        takes_source=True,
    ),
    Definition(
        name="lowest",
        title="Lowest",
        family="volatility",
        function=lowest,
        columns=("low",),
        args=(counted(20, high=5000),),
        outputs=(Output("line", "Lowest low", "source"),),
        words=("lowest low", "lowest", "lowest price"),
        formula="The lowest of the last values, this bar's among them; one bar ago it can be broken.",
        takes_source=True,
    ),
    Definition(
        name="atr",
        title="Average true range",
        family="volatility",
        function=atr,
        columns=("high", "low", "close"),
        args=(counted(14),),
        outputs=(Output("line", "ATR", "price"),),
        words=("atr", "average true range"),
        formula="The bar's range stretched to the close before, smoothed as Wilder does (Welles Wilder, 1978).",
    ),
    Definition(
        name="atr_percent",
        title="ATR in percent",
        family="volatility",
        function=atr_percent,
        columns=("high", "low", "close"),
        args=(counted(14),),
        outputs=(Output("line", "ATR %", "ratio"),),
        words=("atr percent", "atr%", "atr %", "natr", "normalized atr", "normalised atr", "atrp"),
        formula="ATR in percent of the close.",
    ),
    Definition(
        name="stdev",
        title="Standard deviation",
        family="volatility",
        function=stdev,
        columns=("close",),
        args=(counted(20, low=2),),
        outputs=(Output("line", "Standard deviation", "ratio"),),
        words=("standard deviation", "stdev", "stddev", "std dev", "std"),
        formula="Of the last closes, divided by their number (not one less).",
        takes_source=True,
    ),
    Definition(
        name="zscore",
        title="Z-score",
        family="volatility",
        function=zscore,
        columns=("close",),
        args=(counted(20, low=2),),
        outputs=(Output("line", "Z-score", "ratio"),),
        words=("zscore", "z-score", "z score"),
        formula="The distance from the mean of the last closes in their standard deviations.",
        takes_source=True,
    ),
    Definition(
        name="volatility",
        title="Volatility",
        family="volatility",
        function=volatility,
        columns=("close",),
        args=(counted(20, low=2),),
        outputs=(Output("line", "Volatility", "ratio"),),
        words=("volatility", "historical volatility", "realized volatility", "realised volatility", "hv"),
        formula="Standard deviation of the returns from bar to bar in percent; not annualised.",
        takes_source=True,
    ),
    Definition(
        name="choppiness",
        title="Choppiness index",
        family="volatility",
        function=choppiness,
        columns=("high", "low", "close"),
        args=(counted(14, low=2),),
        outputs=(Output("line", "Choppiness index", "percent"),),
        words=("choppiness index", "choppiness", "chop", "chop index"),
        formula="100 log10(sum of true ranges over highest high less lowest low) / log10(period) (Bill Dreiss).",
    ),
)
