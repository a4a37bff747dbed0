"""Indicators that say whether there is a trend and which way it goes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from backtests.rbi.indicators.shapes import Definition, Output, counted, factor
from backtests.rbi.indicators.smoothing import rolling, shift, true_range, weighted, wilder
from backtests.rbi.indicators.volatility import atr


def adx(high: np.ndarray, low: np.ndarray, close: np.ndarray, period: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Average directional index with +DI and -DI, 0 to 100."""
    up, down = np.asarray(high) - shift(high), shift(low) - np.asarray(low)
    known = np.where(np.isnan(up), np.nan, 0.0)
    span = atr(high, low, close, period)
    span = np.where(span > 0, span, np.nan)
    plus = 100 * wilder(known + np.where((up > down) & (up > 0), up, 0), period) / span
    minus = 100 * wilder(known + np.where((down > up) & (down > 0), down, 0), period) / span
    total = np.where(plus + minus > 0, plus + minus, np.nan)
    return wilder(100 * np.abs(plus - minus) / total, period), plus, minus


def supertrend(
    high: np.ndarray, low: np.ndarray, close: np.ndarray, period: int, width: float
) -> tuple[np.ndarray, np.ndarray]:
    """Supertrend: a line below a rising and above a falling price, and the way: 1 up, -1 down."""
    middle, spread = (np.asarray(high) + np.asarray(low)) / 2, width * atr(high, low, close, period)
    line, way = np.full(len(close), np.nan), np.full(len(close), np.nan)
    known = np.flatnonzero(~np.isnan(spread))
    top, bottom, up = np.inf, -np.inf, True
    for i in known:
        # A band only moves towards the price until the price has crossed it.
        last = close[i - 1]
        top = min(top, middle[i] + spread[i]) if last <= top else middle[i] + spread[i]
        bottom = max(bottom, middle[i] - spread[i]) if last >= bottom else middle[i] - spread[i]
        up = close[i] >= bottom if up else close[i] > top
        line[i], way[i] = (bottom, 1) if up else (top, -1)
    return line, way


def sar(high: np.ndarray, low: np.ndarray, step: float, most: float) -> np.ndarray:
    """Parabolic stop and reverse: dots below a rising and above a falling price."""
    result = np.full(len(high), np.nan)
    if len(high) < 2:
        return result
    up = high[1] - high[0] >= low[0] - low[1]
    dot, extreme, pace = (low[0], high[1], step) if up else (high[0], low[1], step)
    for i in range(1, len(high)):
        if (low[i] <= dot) if up else (high[i] >= dot):
            dot = max(extreme, high[i - 1], high[i]) if up else min(extreme, low[i - 1], low[i])
            up, pace = not up, step
            extreme = high[i] if up else low[i]
            result[i] = dot
        else:
            result[i] = dot
            if (high[i] > extreme) if up else (low[i] < extreme):
                extreme, pace = (high[i] if up else low[i]), min(pace + step, most)
        dot += pace * (extreme - dot)
        dot = min(dot, low[i - 1], low[i]) if up else max(dot, high[i - 1], high[i])
    return result


def ichimoku(
    high: np.ndarray, low: np.ndarray, conversion: int, base: int, span: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Ichimoku: conversion line, base line, and the cloud's spans A and B as they stand at this bar."""

    def middle(period: int) -> np.ndarray:
        return ((rolling(high, period).max() + rolling(low, period).min()) / 2).to_numpy()

    quick, slow = middle(conversion), middle(base)
    # The cloud is drawn `base` bars ahead, so today's is that of `base` bars ago.
    return quick, slow, shift((quick + slow) / 2, base), shift(middle(span), base)


def slope(values: np.ndarray, period: int) -> np.ndarray:
    """The slope of a straight line through the last values, in their unit for each bar."""
    steps = np.arange(period) - (period - 1) / 2
    return weighted(values, steps / (steps**2).sum())


def regression(values: np.ndarray, period: int) -> np.ndarray:
    """Where a straight line through the last values stands now."""
    return rolling(values, period).mean().to_numpy() + slope(values, period) * (period - 1) / 2


def vortex(high: np.ndarray, low: np.ndarray, close: np.ndarray, period: int) -> tuple[np.ndarray, np.ndarray]:
    """Vortex: movement up and movement down over the true range."""
    span = rolling(true_range(high, low, close), period).sum()
    span = span.where(span > 0)
    plus = rolling(np.abs(np.asarray(high) - shift(low)), period).sum() / span
    minus = rolling(np.abs(np.asarray(low) - shift(high)), period).sum() / span
    return plus.to_numpy(), minus.to_numpy()


def heikin_ashi(
    open: np.ndarray,
    high: np.ndarray,
    low: np.ndarray,
    close: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Heikin-Ashi candles: averaged open, high, low and close."""
    middle = (np.asarray(open) + np.asarray(high) + np.asarray(low) + np.asarray(close)) / 4
    start = shift(middle)
    if len(start):
        start[0] = (open[0] + close[0]) / 2
    first = pd.Series(start).ewm(alpha=0.5, adjust=False).mean().to_numpy()
    return first, np.maximum(high, np.maximum(first, middle)), np.minimum(low, np.minimum(first, middle)), middle


DEFINITIONS = (
    Definition(
        name="adx",
        title="Average directional index",
        family="trend",
        function=adx,
        columns=("high", "low", "close"),
        args=(counted(14, low=2),),
        outputs=(
            Output("line", "ADX", "percent"),
            Output("plus", "+DI", "percent", ("+di", "plus di", "di+", "di plus", "positive di")),
            Output("minus", "-DI", "percent", ("-di", "minus di", "di-", "di minus", "negative di")),
        ),
        words=("adx", "average directional index", "directional index", "dmi", "average directional movement index"),
        formula="How far the smoothed moves up and down are apart, smoothed (Welles Wilder, 1978).",
    ),
    Definition(
        name="supertrend",
        title="Supertrend",
        family="trend",
        function=supertrend,
        columns=("high", "low", "close"),
        args=(counted(10), factor("width", 3, 0.1, 10, 0.1)),
        outputs=(
            Output("line", "Supertrend", "price", ("supertrend line",)),
            Output("way", "Supertrend's way", "ratio", ("supertrend direction",)),
        ),
        words=("supertrend", "super trend"),
        formula="The middle of the bar less (plus) so many ATR, never moved against the trend (Olivier Seban).",
    ),
    Definition(
        name="sar",
        title="Parabolic SAR",
        family="trend",
        function=sar,
        columns=("high", "low"),
        args=(factor("step", 0.02, 0.001, 0.5, 0.005), factor("most", 0.2, 0.01, 1, 0.05)),
        outputs=(Output("line", "Parabolic SAR", "price"),),
        words=("parabolic sar", "psar", "sar", "parabolic", "parabolic stop and reverse"),
        formula="Each bar moves by a growing part of the way to the trend's extreme (Welles Wilder, 1978).",
    ),
    Definition(
        name="ichimoku",
        title="Ichimoku",
        family="trend",
        function=ichimoku,
        columns=("high", "low"),
        args=(counted(9, name="conversion"), counted(26, name="base"), counted(52, name="span")),
        outputs=(
            Output(
                "conversion",
                "Conversion line",
                "price",
                ("tenkan", "tenkan sen", "tenkan-sen", "conversion line", "ichimoku conversion line"),
            ),
            Output(
                "base", "Base line", "price", ("kijun", "kijun sen", "kijun-sen", "base line", "ichimoku base line")
            ),
            Output("span_a", "Span A", "price", ("senkou span a", "senkou a", "span a", "leading span a")),
            Output("span_b", "Span B", "price", ("senkou span b", "senkou b", "span b", "leading span b")),
        ),
        words=("ichimoku",),
        formula="Middles of the highest high and lowest low over three spans; the cloud moved 26 bars (Goichi Hosoda).",
    ),
    Definition(
        name="slope",
        title="Linear regression slope",
        family="trend",
        function=slope,
        columns=("close",),
        args=(counted(14, low=2),),
        outputs=(Output("line", "Slope", "ratio"),),
        words=("linear regression slope", "linreg slope", "regression slope", "slope"),
        formula="Least squares through the last values.",
        takes_source=True,
    ),
    Definition(
        name="regression",
        title="Linear regression line",
        family="trend",
        function=regression,
        columns=("close",),
        args=(counted(14, low=2),),
        outputs=(Output("line", "Linear regression", "source"),),
        words=("linear regression", "linreg", "linear regression line", "lsma", "least squares moving average"),
        formula="The end of the least-squares line through the last values.",
        takes_source=True,
    ),
    Definition(
        name="vortex",
        title="Vortex",
        family="trend",
        function=vortex,
        columns=("high", "low", "close"),
        args=(counted(14),),
        outputs=(
            Output("plus", "VI+", "ratio", ("vi+", "+vi", "vortex plus", "positive vortex", "vi plus")),
            Output("minus", "VI-", "ratio", ("vi-", "-vi", "vortex minus", "negative vortex", "vi minus")),
        ),
        words=("vortex", "vortex indicator"),
        formula="Distances of highs from the lows before and the reverse, over true range (Botes and Siepman, 2010).",
    ),
    Definition(
        name="heikin_ashi",
        title="Heikin-Ashi",
        family="trend",
        function=heikin_ashi,
        columns=("open", "high", "low", "close"),
        args=(),
        outputs=(
            Output("open", "Heikin-Ashi open", "price", ("heikin ashi open", "heikin-ashi open", "ha open")),
            Output("high", "Heikin-Ashi high", "price", ("heikin ashi high", "heikin-ashi high", "ha high")),
            Output("low", "Heikin-Ashi low", "price", ("heikin ashi low", "heikin-ashi low", "ha low")),
            Output("close", "Heikin-Ashi close", "price", ("heikin ashi close", "heikin-ashi close", "ha close")),
        ),
        words=("heikin ashi", "heikin-ashi", "heiken ashi", "heikin ashi candle"),
        formula="Close: mean of the bar; open: middle of the last averaged candle (Munehisa Homma's school).",
    ),
)
