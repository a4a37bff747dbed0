"""Returns by calendar month (UTC): from the equity at the end of the month before to that at the month's end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtests.portal.curves import Floats, Ints

NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Year:
    """Percent by month, None outside the data, and of the whole year."""

    year: int
    months: tuple[float | None, ...]
    total: float


@dataclass(frozen=True, slots=True)
class MonthEnd:
    """Where a month left off."""

    label: str
    equity: float
    hold: float
    drawdown: float


def monthly(times: Ints, equity: Floats) -> list[Year]:
    """The years of a curve, the first month from the first value on. `times` in seconds since 1970."""
    numbers = _months(times)
    ends = _ends(numbers)
    before = np.concatenate([equity[:1], equity[ends[:-1]]])
    with np.errstate(divide="ignore", invalid="ignore"):
        returns = 100.0 * (equity[ends] / before - 1.0)
    by_month = {int(numbers[end]): float(value) for end, value in zip(ends, returns, strict=True)}
    return [_year(year, by_month) for year in sorted({number // 12 for number in by_month})]


def month_ends(times: Ints, equity: Floats, hold: Floats, drawdown: Floats) -> list[MonthEnd]:
    """The curves as a table for those who do not see the drawing."""
    numbers = _months(times)
    return [
        MonthEnd(_label(int(numbers[end])), float(equity[end]), float(hold[end]), float(drawdown[end]))
        for end in _ends(numbers)
    ]


def _months(times: Ints) -> Ints:
    """Months since year 0."""
    return np.asarray(times.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64) + 1970 * 12)


def _ends(numbers: Ints) -> Ints:
    return np.append(np.flatnonzero(np.diff(numbers)), len(numbers) - 1)


def _label(number: int) -> str:
    return f"{NAMES[number % 12]} {number // 12}"


def _year(year: int, by_month: dict[int, float]) -> Year:
    months = tuple(by_month.get(year * 12 + month) for month in range(12))
    growth = np.prod([1.0 + value / 100.0 for value in months if value is not None])
    return Year(year, months, float(100.0 * (growth - 1.0)))
