"""The gate before a run: what is wrong with bars, found in numpy, with the rows that show it.

Rows are counted from 1 in the order of the file. A market that closes is not a gap: where hardly any week has bars on
its weekend, only bars missing within a session count, and whole days without a bar are told but are no fault.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from backtests.datasets.inside.bars import PRICES, Arrays
from backtests.datasets.timeframes import DAY, WEEK, usual_step

SHOWN = 20
SECOND = 1_000_000
# The share of a slot's weeks in which a market with sessions must have a bar for a missing one to be missed.
USUAL = 0.5

TITLES = {
    "unreadable": "Lines that could not be read",
    "not_a_number": "Bars without a price",
    "not_positive": "Prices of zero or less",
    "inconsistent": "Bars whose high or low does not hold the others",
    "negative_volume": "Negative volume",
    "unordered": "Bars out of order",
    "duplicate": "Two bars at one time",
    "missing": "Missing bars",
}
REPAIRS = {
    "unreadable": "They are left out.",
    "not_a_number": "They are left out.",
    "not_positive": "They are left out.",
    "inconsistent": "High and low are widened to hold open and close.",
    "negative_volume": "The volume becomes 0.",
    "unordered": "The bars are sorted.",
    "duplicate": "The first of them stays.",
    "missing": "They stay missing, or flat bars without volume fill them.",
}
# No backtest can be run on these as they are, so they cannot be accepted.
MUST_BE_REPAIRED = frozenset({"not_a_number", "not_positive", "unordered", "duplicate"})


@dataclass(frozen=True, slots=True)
class Example:
    """One row that shows a fault. `time` is int64 microseconds; None where the row has none."""

    row: int
    time: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault: `count` bars are concerned (for `missing`: bars that are not there), a few are shown."""

    kind: str
    count: int
    examples: tuple[Example, ...]

    @property
    def title(self) -> str:
        return TITLES[self.kind]

    @property
    def repair(self) -> str:
        return REPAIRS[self.kind]

    @property
    def may_be_accepted(self) -> bool:
        return self.kind not in MUST_BE_REPAIRED


@dataclass(frozen=True, slots=True)
class Report:
    """What was found. `closed_days`: days without a bar in a market with sessions."""

    step_sec: int
    has_sessions: bool
    faults: tuple[Fault, ...]
    closed_days: int = 0

    @property
    def is_clean(self) -> bool:
        return not self.faults

    @property
    def may_be_accepted(self) -> bool:
        return all(fault.may_be_accepted for fault in self.faults)

    def as_json(self) -> dict[str, Any]:
        return {
            "step_sec": self.step_sec,
            "has_sessions": self.has_sessions,
            "closed_days": self.closed_days,
            "faults": [
                {"kind": fault.kind, "count": fault.count, "examples": [_plain(one) for one in fault.examples]}
                for fault in self.faults
            ],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Report:
        faults = tuple(
            Fault(fault["kind"], fault["count"], tuple(Example(**one) for one in fault["examples"]))
            for fault in stored.get("faults", ())
        )
        return cls(stored.get("step_sec", 0), stored.get("has_sessions", False), faults, stored.get("closed_days", 0))


@dataclass(slots=True)
class _Found:
    faults: list[Fault] = field(default_factory=list)

    def add(self, kind: str, rows: np.ndarray, moments: np.ndarray, texts: Iterable[str]) -> None:
        """Rows (0-based) of one kind; the first of them are shown."""
        if len(rows):
            shown = zip(rows[:SHOWN], texts, strict=False)
            examples = tuple(Example(int(row) + 1, int(moments[row]), text) for row, text in shown)
            self.faults.append(Fault(kind, len(rows), examples))


def examine(arrays: Arrays, *, unreadable: Fault | None = None) -> Report:
    """Find every fault of bars in the order of their file. `unreadable` is what the reader had to leave out."""
    moments = np.asarray(arrays["time"])
    found = _Found([unreadable] if unreadable else [])
    _examine_values(arrays, moments, found)
    _examine_order(moments, found)
    step = usual_step(moments)
    sessions = has_sessions(moments, step)
    closed = _examine_gaps(moments, step, found, sessions=sessions)
    return Report(step, sessions, tuple(found.faults), closed)


def has_sessions(moments: np.ndarray, step: int) -> bool:
    """Whether the market closes on weekends: bars of a day or less, over two weeks or more, hardly any on a Sunday."""
    days = np.unique(moments // (DAY * SECOND))
    if not step or step > DAY or len(days) < 8 or days[-1] - days[0] < 14:
        return False
    # 1970-01-01 was a Thursday; 5 is Saturday.
    saturdays = np.count_nonzero((days + 3) % 7 == 5)
    return bool(saturdays < 0.1 * (days[-1] - days[0]) / 7)


def _examine_values(arrays: Arrays, moments: np.ndarray, found: _Found) -> None:
    prices = np.stack([np.asarray(arrays[name]) for name in PRICES])
    broken = ~np.isfinite(prices).all(axis=0)
    low = ~broken & (prices <= 0).any(axis=0)
    found.add("not_a_number", np.flatnonzero(broken), moments, _repeat("A price is empty or not a number"))
    found.add("not_positive", np.flatnonzero(low), moments, _repeat("A price is zero or less"))
    whole = ~broken & ~low
    outside = whole & ((prices[1] < prices.max(axis=0)) | (prices[2] > prices.min(axis=0)))
    rows = np.flatnonzero(outside)
    found.add("inconsistent", rows, moments, (_bar(prices[:, row]) for row in rows[:SHOWN]))
    if "volume" in arrays:
        below = np.flatnonzero(np.asarray(arrays["volume"]) < 0)
        found.add("negative_volume", below, moments, _repeat("The volume is below zero"))


def _examine_order(moments: np.ndarray, found: _Found) -> None:
    back = np.flatnonzero(np.diff(moments) < 0) + 1
    found.add("unordered", back, moments, _repeat("It lies before the bar above it"))
    _, first = np.unique(moments, return_index=True)
    again = np.setdiff1d(np.arange(len(moments)), first)
    found.add("duplicate", again, moments, _repeat("There is a bar at this time already"))


def _examine_gaps(moments: np.ndarray, step: int, found: _Found, *, sessions: bool) -> int:
    """Add the missing bars; returns how many days a market with sessions was closed."""
    ordered, rows = np.unique(moments, return_index=True)
    if not step or len(ordered) < 2:
        return 0
    if sessions:
        return _examine_sessions(ordered, rows, step, found)
    distances = np.diff(ordered) // SECOND
    gaps = np.flatnonzero(distances > 1.5 * step)
    _add_gaps(found, ordered, rows, gaps, np.rint(distances[gaps] / step).astype(int) - 1)
    return 0


def _examine_sessions(ordered: np.ndarray, rows: np.ndarray, step: int, found: _Found) -> int:
    """Slots of the week that usually have a bar, missing on a day that has others.

    Counted, never listed: a gap of centuries costs no more than one of an hour.
    """
    usual = _usual_slots(ordered // SECOND, step)
    gaps = np.flatnonzero(np.diff(ordered) // SECOND > 1.5 * step)
    begin, end = ordered[gaps] // SECOND, ordered[gaps + 1] // SECOND
    midnight = (begin // DAY + 1) * DAY
    morning = np.maximum(end // DAY * DAY, midnight)
    # In the steps of the bar before the gap.
    again = begin - (begin - morning) // step * step
    missing = _count(usual, begin + step, np.minimum(end, midnight), step) + _count(usual, again, end, step)
    _add_gaps(found, ordered, rows, gaps[missing > 0], missing[missing > 0])
    return _closed_days(np.unique(ordered // (SECOND * DAY)))


def _usual_slots(seconds: np.ndarray, step: int) -> np.ndarray:
    """How many of the week's first n slots have a bar in most weeks, for each n from 0."""
    weeks = max(1, round((seconds[-1] - seconds[0]) / WEEK))
    counts = np.bincount(seconds % WEEK // step, minlength=(WEEK - 1) // step + 1)
    return np.concatenate([[0], np.cumsum(counts >= USUAL * weeks)])


def _count(usual: np.ndarray, first: np.ndarray, stop: np.ndarray, step: int) -> np.ndarray:
    """How many of the moments from `first` until before `stop`, which is on the same day, are in usual slots."""
    slots = first % WEEK // step
    moments = np.maximum(0, -((first - stop) // step))
    return np.asarray(usual[slots + moments] - usual[slots])


def _closed_days(days: np.ndarray) -> int:
    """Days from Monday to Friday, between the first and the last, without a single bar."""
    ends = np.array([days[0], days[-1] + 1]).astype("datetime64[D]")
    return int(np.busday_count(*ends)) - int(np.count_nonzero((days + 3) % 7 < 5))


def _add_gaps(found: _Found, ordered: np.ndarray, rows: np.ndarray, gaps: np.ndarray, missing: np.ndarray) -> None:
    if not len(gaps):
        return
    pairs = zip(gaps[:SHOWN].tolist(), missing[:SHOWN].tolist(), strict=True)
    examples = tuple(
        Example(int(rows[gap]) + 1, int(ordered[gap]), f"{count} {'bar' if count == 1 else 'bars'} missing after it")
        for gap, count in pairs
    )
    found.faults.append(Fault("missing", int(missing.sum()), examples))


def _bar(values: np.ndarray) -> str:
    return "open {:g}, high {:g}, low {:g}, close {:g}".format(*values)


def _repeat(text: str) -> Iterable[str]:
    return [text] * SHOWN


def _plain(example: Example) -> dict[str, Any]:
    return {"row": example.row, "time": example.time, "text": example.text}
