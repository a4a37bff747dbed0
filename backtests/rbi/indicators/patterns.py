"""Candle patterns: 1 on the bar that completes one, else 0."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from backtests.rbi.indicators.shapes import Column, Definition, Output
from backtests.rbi.indicators.smoothing import shift


def engulfing(open: np.ndarray, close: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A body that covers the body before it and goes the other way: bullish, bearish."""
    first, last = shift(open), shift(close)
    up = (last < first) & (close > open) & (open <= last) & (close >= first)
    down = (last > first) & (close < open) & (open >= last) & (close <= first)
    return up.astype(float), down.astype(float)


def hammer(
    open: np.ndarray,
    high: np.ndarray,
    low: np.ndarray,
    close: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """A small body at one end and a shadow of twice its size: hammer, shooting star."""
    body = np.abs(np.asarray(close) - open)
    above, below = high - np.maximum(open, close), np.minimum(open, close) - low
    is_hammer = (body > 0) & (below >= 2 * body) & (above <= 0.5 * body)
    is_star = (body > 0) & (above >= 2 * body) & (below <= 0.5 * body)
    return is_hammer.astype(float), is_star.astype(float)


def doji(open: np.ndarray, high: np.ndarray, low: np.ndarray, close: np.ndarray) -> np.ndarray:
    """A bar that closed where it opened: its body is at most a tenth of its range."""
    span = np.asarray(high) - low
    return ((span > 0) & (np.abs(np.asarray(close) - open) <= 0.1 * span)).astype(float)


def inside_bar(high: np.ndarray, low: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A bar within the bar before it, and one that reaches beyond it on both sides."""
    top, bottom = shift(high), shift(low)
    return ((high < top) & (low > bottom)).astype(float), ((high > top) & (low < bottom)).astype(float)


def pin_bar(
    open: np.ndarray,
    high: np.ndarray,
    low: np.ndarray,
    close: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """A bar of which two thirds are one shadow: bullish when it hangs below, bearish when it stands above."""
    span = np.asarray(high) - low
    above, below = high - np.maximum(open, close), np.minimum(open, close) - low
    return ((span > 0) & (below >= span * 2 / 3)).astype(float), ((span > 0) & (above >= span * 2 / 3)).astype(float)


def star(open: np.ndarray, close: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A large body, a small one, and a large one back beyond the first one's middle: morning, evening star."""
    body = np.abs(np.asarray(close) - open)
    small = shift(body) < 0.5 * np.minimum(shift(body, 2), body)
    middle = (shift(open, 2) + shift(close, 2)) / 2
    was_down = shift(close, 2) < shift(open, 2)
    was_up = shift(close, 2) > shift(open, 2)
    morning = small & was_down & (close > open) & (close > middle)
    evening = small & was_up & (close < open) & (close < middle)
    return morning.astype(float), evening.astype(float)


def three(open: np.ndarray, close: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Three bodies one way, each opening within the one before: white soldiers, black crows."""
    before, second = (shift(open), shift(close)), (shift(open, 2), shift(close, 2))
    soldiers = (close > open) & (before[1] > before[0]) & (second[1] > second[0])
    soldiers &= (close > before[1]) & (before[1] > second[1]) & (open < before[1]) & (before[0] < second[1])
    crows = (close < open) & (before[1] < before[0]) & (second[1] < second[0])
    crows &= (close < before[1]) & (before[1] < second[1]) & (open > before[1]) & (before[0] > second[1])
    return soldiers.astype(float), crows.astype(float)


def gap(open: np.ndarray, high: np.ndarray, low: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A bar that opens beyond the whole bar before it: above, below."""
    return (open > shift(high)).astype(float), (open < shift(low)).astype(float)


def fair_value_gap(high: np.ndarray, low: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A range between this bar and the one two before that nobody traded twice: bullish, bearish."""
    return (low > shift(high, 2)).astype(float), (high < shift(low, 2)).astype(float)


def in_a_row(true: np.ndarray) -> np.ndarray:
    """How many bars it has been so without a break."""
    count = np.cumsum(true)
    return (count - np.maximum.accumulate(np.where(true, 0, count))).astype(float)


def streak(
    open: np.ndarray,
    close: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """How many bars in a row were green, were red, closed higher, closed lower."""
    before = shift(close)
    return in_a_row(close > open), in_a_row(close < open), in_a_row(close > before), in_a_row(close < before)


def _pattern(
    name: str,
    title: str,
    function: Callable[..., object],
    columns: tuple[Column, ...],
    outputs: tuple[Output, ...],
    formula: str,
) -> Definition:
    return Definition(
        name=name,
        title=title,
        family="pattern",
        function=function,
        columns=columns,
        args=(),
        outputs=outputs,
        words=(),
        formula=formula,
    )


OHLC: tuple[Column, ...] = ("open", "high", "low", "close")
DEFINITIONS = (
    _pattern(
        "engulfing",
        "Engulfing",
        engulfing,
        ("open", "close"),
        (
            Output("bullish", "Bullish engulfing", "yes", ("bullish engulfing",)),
            Output("bearish", "Bearish engulfing", "yes", ("bearish engulfing",)),
        ),
        "A body that covers the body before it and goes the other way.",
    ),
    _pattern(
        "hammer",
        "Hammer and shooting star",
        hammer,
        OHLC,
        (
            Output("hammer", "Hammer", "yes", ("hammer", "bullish hammer")),
            Output("star", "Shooting star", "yes", ("shooting star", "inverted hammer")),
        ),
        "A shadow of at least two bodies on one side and at most half a body on the other.",
    ),
    _pattern(
        "doji",
        "Doji",
        doji,
        OHLC,
        (Output("line", "Doji", "yes", ("doji",)),),
        "A body of at most a tenth of the range.",
    ),
    _pattern(
        "inside_bar",
        "Inside and outside bar",
        inside_bar,
        ("high", "low"),
        (
            Output("inside", "Inside bar", "yes", ("inside bar", "inside candle", "inside day", "harami")),
            Output("outside", "Outside bar", "yes", ("outside bar", "outside candle", "outside day")),
        ),
        "High and low within (beyond) those of the bar before.",
    ),
    _pattern(
        "pin_bar",
        "Pin bar",
        pin_bar,
        OHLC,
        (
            Output("bullish", "Bullish pin bar", "yes", ("bullish pin bar", "bullish pinbar", "pin bar", "pinbar")),
            Output("bearish", "Bearish pin bar", "yes", ("bearish pin bar", "bearish pinbar")),
        ),
        "One shadow is at least two thirds of the range.",
    ),
    _pattern(
        "star",
        "Morning and evening star",
        star,
        ("open", "close"),
        (
            Output("morning", "Morning star", "yes", ("morning star",)),
            Output("evening", "Evening star", "yes", ("evening star",)),
        ),
        "A body, one of less than half its size, and one back beyond the first one's middle.",
    ),
    _pattern(
        "three",
        "Three soldiers and crows",
        three,
        ("open", "close"),
        (
            Output("soldiers", "Three white soldiers", "yes", ("three white soldiers", "3 white soldiers")),
            Output("crows", "Three black crows", "yes", ("three black crows", "3 black crows")),
        ),
        "Three bodies one way, each opening within the one before and closing beyond it.",
    ),
    _pattern(
        "gap",
        "Gap",
        gap,
        ("open", "high", "low"),
        (
            Output("up", "Gap up", "yes", ("gap up", "gaps up", "upward gap", "price gaps up")),
            Output("down", "Gap down", "yes", ("gap down", "gaps down", "downward gap", "price gaps down")),
        ),
        "The open lies beyond the whole bar before.",
    ),
    _pattern(
        "fair_value_gap",
        "Fair value gap",
        fair_value_gap,
        ("high", "low"),
        (
            Output("bullish", "Bullish fair value gap", "yes", ("bullish fair value gap", "bullish fvg")),
            Output("bearish", "Bearish fair value gap", "yes", ("bearish fair value gap", "bearish fvg")),
        ),
        "The low lies above the high of two bars before, or the reverse.",
    ),
    _pattern(
        "streak",
        "Bars in a row",
        streak,
        ("open", "close"),
        (
            Output("green", "Green bars in a row", "count"),
            Output("red", "Red bars in a row", "count"),
            Output("higher", "Higher closes in a row", "count"),
            Output("lower", "Lower closes in a row", "count"),
        ),
        "Counted without a break up to this bar.",
    ),
)
