"""Which bars a script traded on: rows of the data set, or of longer bars made of it. Made again outside."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd

from backtests.datasets.inside import framed

PRICES = ["Open", "High", "Low", "Close"]
AGGREGATION = {
    "Open": "first",
    "High": "max",
    "Low": "min",
    "Close": "last",
    "Volume": "sum",
    "Funding": "last",
    "OpenInterest": "last",
    "Liquidations": "sum",
}
TIMEFRAME = re.compile(r"([1-9]\d{0,8})s (left|right) (left|right)")
SECOND, DAY = 1_000_000, 86_400_000_000
Ranges = list[list[int]]


class NoSuchRows(Exception):
    """The rows or the timeframe are none of the data set."""


def read_in_order(file: Path | bytes) -> pd.DataFrame:
    """The bars of a data set by time, as backtesting.py would sort them. Its owner may have accepted some disorder."""
    frame = framed.read(file)
    return frame if frame.index.is_monotonic_increasing else frame.sort_index(kind="stable")


def base_of(frame: pd.DataFrame, timeframe: str) -> pd.DataFrame:
    """The data set, or its longer bars: `3600s left left` are rule, label and closed of pandas' resample."""
    if not timeframe:
        return frame
    found = TIMEFRAME.fullmatch(timeframe)
    if not found:
        raise NoSuchRows
    return _longer(frame, int(found[1]) * SECOND, label=found[2], closed=found[3])


def _longer(frame: pd.DataFrame, step: int, *, label: str, closed: str) -> pd.DataFrame:
    """What pandas' resample gives, in microseconds. It would make a row of each moment without bars, however many.

    As there, the steps begin with the first bar's day.
    """
    moments = pd.DatetimeIndex(frame.index).as_unit("us").asi8
    if len(moments) < 2 or step <= np.median(np.diff(moments)):
        raise NoSuchRows
    begin = moments[0] - moments[0] % DAY
    places = (moments - begin) // step if closed == "left" else -((begin - moments) // step) - 1
    named = begin + step * (places + (label == "right"))
    how = {name: rule for name, rule in AGGREGATION.items() if name in frame}
    longer = frame.groupby(named.astype("datetime64[us]")).agg(how)
    return pd.DataFrame(longer.dropna(subset=PRICES))


def ranges_of(traded: pd.Index, base: pd.Index) -> Ranges | None:
    """The rows as ranges [begin, end); None when they are all of them."""
    if traded.equals(base):
        return None
    places = base.get_indexer(traded)
    breaks = np.flatnonzero(np.diff(places) != 1) + 1
    return [[int(part[0]), int(part[-1]) + 1] for part in np.split(places, breaks) if len(part)]


def rows_of(base: pd.DataFrame, ranges: object) -> pd.DataFrame:
    """The rows in ranges, which ascend and do not overlap. Raises NoSuchRows."""
    if ranges is None:
        return base
    if not isinstance(ranges, list) or not ranges:
        raise NoSuchRows
    end, places = 0, []
    for pair in ranges:
        if not isinstance(pair, list) or len(pair) != 2 or not all(type(place) is int for place in pair):
            raise NoSuchRows
        if not end <= pair[0] < pair[1] <= len(base):
            raise NoSuchRows
        end = pair[1]
        places.append(np.arange(*pair))
    return base.iloc[np.concatenate(places)]
