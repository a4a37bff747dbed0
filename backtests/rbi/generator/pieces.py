"""Functions that are copied into a module as they stand here, where they are tested."""

from __future__ import annotations

import numpy as np
import pandas as pd


def bars_in(length: float, unit: str, index: pd.DatetimeIndex) -> int:
    """How many bars of this data a length of time is, at least one.

    A day of a market that closes overnight has fewer bars than one of 24 hours, so the bars of a day are counted.
    """
    times = pd.DatetimeIndex(index)
    spacing = times.to_series().diff().median()
    span = pd.Timedelta(minutes={"minutes": 1, "hours": 60, "days": 1440, "weeks": 10080}[unit])
    bars = span / spacing
    if unit in ("days", "weeks") and spacing < span:
        start = times.normalize() - pd.to_timedelta(times.day_of_week if unit == "weeks" else 0, "D")
        bars = pd.Series(1, start).groupby(level=0).sum().median()
    return max(1, round(length * bars))


def hours(index: pd.DatetimeIndex) -> np.ndarray:
    """The hour of each bar, 0 to 23."""
    return pd.DatetimeIndex(index).hour.to_numpy(dtype=float)


def weekdays(index: pd.DatetimeIndex) -> np.ndarray:
    """The day of the week of each bar, 0 is Monday."""
    return pd.DatetimeIndex(index).day_of_week.to_numpy(dtype=float)


def read_bars(path: str) -> pd.DataFrame:
    """The bars of a CSV file: a column of times, then open, high, low, close and volume in whatever case."""
    frame = pd.read_csv(path, skipinitialspace=True)
    frame.columns = pd.Index([str(name).lower().replace("_", "").replace(" ", "") for name in frame.columns])
    known = ("datetime", "timestamp", "date", "time", "opentime")
    times = frame[next((name for name in known if name in frame), frame.columns[0])]
    if pd.api.types.is_numeric_dtype(times):
        # Seconds since 1970 have 10 digits, milliseconds 13, microseconds 16.
        times = times.astype("int64") * 10 ** (19 - len(str(int(times.iloc[0]))))
    frame.index = pd.DatetimeIndex(pd.to_datetime(times, utc=True)).tz_localize(None)
    columns = ("Open", "High", "Low", "Close", "Volume", "Funding", "OpenInterest", "Liquidations")
    frame = frame.rename(columns={name.lower(): name for name in columns})
    return frame[[name for name in columns if name in frame]].sort_index()
