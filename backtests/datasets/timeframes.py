"""Timeframes: how far bars are apart, and what people call it."""

from __future__ import annotations

import re

import numpy as np

from moondev.lib.errors import Invalid

MINUTE, HOUR, DAY, WEEK = 60, 3600, 86400, 604800
UNITS = {"m": MINUTE, "h": HOUR, "d": DAY, "w": WEEK, "M": 30 * DAY}
# A month is no fixed number of seconds; bars that lie this far apart are monthly.
MONTH = range(28 * DAY, 31 * DAY + 1)
COMMON = ("1m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "12h", "1d", "1w")


def usual_step(moments: np.ndarray) -> int:
    """The most frequent distance of two bars in seconds; `moments` are int64 microseconds, in any order. 0: one bar."""
    steps = np.diff(np.unique(moments)) // 1_000_000
    if not len(steps):
        return 0
    found, counts = np.unique(steps, return_counts=True)
    return int(found[counts.argmax()])


def name_of(seconds: int) -> str:
    """900 as `15m`, 86400 as `1d`."""
    if seconds in MONTH:
        return "1M"
    for unit, size in (("w", WEEK), ("d", DAY), ("h", HOUR), ("m", MINUTE)):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def seconds_of(name: str, *, pointer: str = "/timeframe") -> int:
    """`4h` as 14400. Raises Invalid at the pointer."""
    found = re.fullmatch(r"([1-9]\d{0,3})([mhdwM])", name.strip())
    if not found:
        raise Invalid.field(pointer, f"Use a number and m, h, d or w, as {', '.join(COMMON[:8])}.")
    return int(found[1]) * UNITS[found[2]]
