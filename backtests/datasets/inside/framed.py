"""Bars as a DataFrame and back. Apart from the file itself, so that who only keeps files needs no pandas."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from backtests.datasets.inside import bars


def frame_of(arrays: bars.Arrays) -> pd.DataFrame:
    """The arrays as the DataFrame that backtesting.py takes: a naive index in UTC and columns that begin with capitals.

    Volume is NaN where the data set has none.
    """
    index = pd.DatetimeIndex(np.asarray(arrays["time"]).astype("datetime64[us]"))
    columns = {bars.TITLES[name]: arrays[name] for name in (*bars.PRICES, *bars.OPTIONAL) if name in arrays}
    frame = pd.DataFrame(columns, index=index)
    if "Volume" not in frame:
        frame.insert(len(bars.PRICES), "Volume", np.nan)
    return frame


def read(file: Path | bytes) -> pd.DataFrame:
    """A file of bars as a DataFrame."""
    return frame_of(bars.unpack(file))


def arrays_of(frame: pd.DataFrame) -> dict[str, np.ndarray]:
    """A DataFrame with backtesting.py's column names as arrays; the index is taken as UTC."""
    index = pd.DatetimeIndex(frame.index)
    moments = index.tz_convert("UTC").tz_localize(None) if index.tz else index
    arrays = {"time": moments.to_numpy().astype("datetime64[us]").astype(np.int64)}
    arrays |= {name: frame[title].to_numpy(dtype=np.float64) for name, title in bars.TITLES.items() if title in frame}
    if "volume" in arrays and np.isnan(arrays["volume"]).all():
        del arrays["volume"]
    return arrays
