"""Prices of the day and of the day before, which people trade against."""

from __future__ import annotations

import numpy as np
import pandas as pd

from backtests.rbi.indicators.shapes import Column, Definition, Output


def previous_day(
    open: np.ndarray,
    high: np.ndarray,
    low: np.ndarray,
    close: np.ndarray,
    index: pd.DatetimeIndex,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Open, high, low and close of the last day before this bar's, by the data's clock."""
    day = pd.DatetimeIndex(index).normalize()
    bars = pd.DataFrame({"open": open, "high": high, "low": low, "close": close}, dtype=float)
    days = bars.groupby(day).agg({"open": "first", "high": "max", "low": "min", "close": "last"}).shift()
    found = days.reindex(day)
    return tuple(found[name].to_numpy() for name in ("open", "high", "low", "close"))  # type: ignore[return-value]


def today(
    open: np.ndarray,
    high: np.ndarray,
    low: np.ndarray,
    index: pd.DatetimeIndex,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The day's open, and its highest and lowest price so far."""
    day = pd.DatetimeIndex(index).normalize()
    groups = pd.DataFrame({"open": open, "high": high, "low": low}, dtype=float).groupby(day)
    return (
        groups["open"].transform("first").to_numpy(),
        groups["high"].cummax().to_numpy(),
        groups["low"].cummin().to_numpy(),
    )


def pivot(
    open: np.ndarray,
    high: np.ndarray,
    low: np.ndarray,
    close: np.ndarray,
    index: pd.DatetimeIndex,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Floor pivots of the day before: the pivot, two resistances and two supports."""
    _, top, bottom, last = previous_day(open, high, low, close, index)
    middle = (top + bottom + last) / 3
    span = top - bottom
    return middle, 2 * middle - bottom, middle + span, 2 * middle - top, middle - span


OHLC: tuple[Column, ...] = ("open", "high", "low", "close", "index")
DEFINITIONS = (
    Definition(
        name="previous_day",
        title="The day before",
        family="level",
        function=previous_day,
        columns=OHLC,
        args=(),
        outputs=tuple(
            Output(
                name,
                f"Yesterday's {name}",
                "price",
                (
                    f"yesterday's {name}",
                    f"yesterdays {name}",
                    f"yesterday {name}",
                    f"previous day's {name}",
                    f"previous day {name}",
                    f"prior day's {name}",
                    f"prior day {name}",
                    f"prior days {name}",
                    f"last day's {name}",
                    f"pd {name}",
                    *({"high": ("pdh",), "low": ("pdl",)}.get(name, ())),
                ),
            )
            for name in ("open", "high", "low", "close")
        ),
        words=(),
        formula="Open, high, low and close of the last day before, by UTC.",
    ),
    Definition(
        name="today",
        title="The day so far",
        family="level",
        function=today,
        columns=("open", "high", "low", "index"),
        args=(),
        outputs=(
            Output("open", "Today's open", "price", ("today's open", "todays open", "daily open", "day open")),
            Output("high", "Today's high", "price", ("today's high", "todays high", "high of day", "high of the day")),
            Output("low", "Today's low", "price", ("today's low", "todays low", "low of day", "low of the day")),
        ),
        words=(),
        formula="The first open and the highest and lowest price since midnight UTC, this bar among them.",
    ),
    Definition(
        name="pivot",
        title="Pivot points",
        family="level",
        function=pivot,
        columns=OHLC,
        args=(),
        outputs=(
            Output("pivot", "Pivot", "price", ("pivot point", "pivot", "daily pivot")),
            Output("r1", "R1", "price", ("r1", "resistance 1", "first resistance")),
            Output("r2", "R2", "price", ("r2", "resistance 2", "second resistance")),
            Output("s1", "S1", "price", ("s1", "support 1", "first support")),
            Output("s2", "S2", "price", ("s2", "support 2", "second support")),
        ),
        words=("pivot points",),
        formula="(H + L + C) / 3 of the day before, and its distances mirrored (floor traders' pivots).",
    ),
)
