"""Momentum: how far and how fast the price went."""

from __future__ import annotations

import numpy as np

from backtests.rbi.indicators.averages import ema, sma
from backtests.rbi.indicators.shapes import Definition, Output, counted
from backtests.rbi.indicators.smoothing import shift


def macd(values: np.ndarray, fast: int, slow: int, signal: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Moving average convergence divergence: the line, its signal line and the histogram between them."""
    line = ema(values, fast) - ema(values, slow)
    signal_line = ema(line, signal)
    return line, signal_line, line - signal_line


def ppo(values: np.ndarray, fast: int, slow: int, signal: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Percentage price oscillator: MACD in percent of the slow average."""
    slow_line = ema(values, slow)
    line = 100 * (ema(values, fast) - slow_line) / slow_line
    signal_line = ema(line, signal)
    return line, signal_line, line - signal_line


def roc(values: np.ndarray, period: int) -> np.ndarray:
    """Rate of change in percent."""
    before = shift(values, period)
    return 100 * (np.asarray(values) / np.where(before == 0, np.nan, before) - 1)


def momentum(values: np.ndarray, period: int) -> np.ndarray:
    """The change over so many bars, in the price's own unit."""
    return np.asarray(values) - shift(values, period)


def trix(values: np.ndarray, period: int, signal: int) -> tuple[np.ndarray, np.ndarray]:
    """The change of a triple-smoothed average in percent, and its signal line."""
    line = roc(ema(ema(ema(values, period), period), period), 1)
    return line, ema(line, signal)


def awesome(high: np.ndarray, low: np.ndarray, fast: int, slow: int) -> np.ndarray:
    """Awesome oscillator: a quick less a slow average of the bars' middles."""
    middle = (np.asarray(high) + np.asarray(low)) / 2
    return sma(middle, fast) - sma(middle, slow)


def tsi(values: np.ndarray, slow: int, fast: int, signal: int) -> tuple[np.ndarray, np.ndarray]:
    """True strength index: the twice smoothed change over its size, -100 to 100, and its signal line."""
    change = np.asarray(values) - shift(values)
    size = ema(ema(np.abs(change), slow), fast)
    line = 100 * ema(ema(change, slow), fast) / np.where(size > 0, size, np.nan)
    return line, ema(line, signal)


DEFINITIONS = (
    Definition(
        name="macd",
        title="MACD",
        family="momentum",
        function=macd,
        columns=("close",),
        args=(counted(12, name="fast"), counted(26, name="slow"), counted(9, name="signal")),
        outputs=(
            Output("line", "MACD line", "price", ("macd line",)),
            Output("signal", "MACD signal line", "price", ("macd signal line", "macd signal", "signal line", "signal")),
            Output("histogram", "MACD histogram", "price", ("macd histogram", "macd hist", "histogram")),
        ),
        words=("macd", "moving average convergence divergence"),
        formula="EMA(fast) - EMA(slow); the signal line is its EMA (Gerald Appel).",
        takes_source=True,
    ),
    Definition(
        name="ppo",
        title="Percentage price oscillator",
        family="momentum",
        function=ppo,
        columns=("close",),
        args=(counted(12, name="fast"), counted(26, name="slow"), counted(9, name="signal")),
        outputs=(
            Output("line", "PPO line", "ratio", ("ppo line",)),
            Output("signal", "PPO signal line", "ratio", ("ppo signal line", "ppo signal")),
            Output("histogram", "PPO histogram", "ratio", ("ppo histogram",)),
        ),
        words=("ppo", "percentage price oscillator"),
        formula="MACD in percent of the slow EMA.",
        takes_source=True,
    ),
    Definition(
        name="roc",
        title="Rate of change",
        family="momentum",
        function=roc,
        columns=("close",),
        args=(counted(10),),
        outputs=(Output("line", "Rate of change", "ratio"),),
        words=("roc", "rate of change", "percent change", "percentage change", "return"),
        formula="The change over so many bars in percent.",
        takes_source=True,
    ),
    Definition(
        name="momentum",
        title="Momentum",
        family="momentum",
        function=momentum,
        columns=("close",),
        args=(counted(10),),
        outputs=(Output("line", "Momentum", "ratio"),),
        words=("momentum", "mom", "momentum indicator"),
        formula="The close less the close of so many bars before.",
        takes_source=True,
    ),
    Definition(
        name="trix",
        title="TRIX",
        family="momentum",
        function=trix,
        columns=("close",),
        args=(counted(15), counted(9, name="signal")),
        outputs=(
            Output("line", "TRIX", "ratio", ("trix line",)),
            Output("signal", "TRIX signal line", "ratio", ("trix signal line", "trix signal")),
        ),
        words=("trix",),
        formula="The change in percent of an EMA of an EMA of an EMA (Jack Hutson).",
        takes_source=True,
    ),
    Definition(
        name="awesome",
        title="Awesome oscillator",
        family="momentum",
        function=awesome,
        columns=("high", "low"),
        args=(counted(5, name="fast"), counted(34, name="slow")),
        outputs=(Output("line", "Awesome oscillator", "ratio"),),
        words=("awesome oscillator", "awesome osc", "ao"),
        formula="SMA(5) - SMA(34) of the middle of the bars (Bill Williams).",
    ),
    Definition(
        name="tsi",
        title="True strength index",
        family="momentum",
        function=tsi,
        columns=("close",),
        args=(counted(25, name="slow"), counted(13, name="fast"), counted(13, name="signal")),
        outputs=(
            Output("line", "TSI", "percent", ("tsi line",)),
            Output("signal", "TSI signal line", "percent", ("tsi signal line", "tsi signal")),
        ),
        words=("tsi", "true strength index"),
        formula="The twice smoothed change over the twice smoothed size of it (William Blau, 1991).",
        takes_source=True,
    ),
)
