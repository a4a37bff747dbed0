"""The file that bars are kept in: numpy arrays in an .npz, the same bytes for the same bars; read by child and parent.

`time` is int64, microseconds since 1970 in UTC, the moment at which a bar opens. `open`, `high`, `low`, `close` are
float64 in the quote currency; `volume`, `funding` (fraction per 8 h), `open_interest` (USD) and `liquidations` (USD in
the bar) are there where the data set has them.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

PRICES = ("open", "high", "low", "close")
OPTIONAL = ("volume", "funding", "open_interest", "liquidations")
# As backtesting.py wants them, and as a strategy says `self.data.OpenInterest`.
TITLES = {
    "open": "Open",
    "high": "High",
    "low": "Low",
    "close": "Close",
    "volume": "Volume",
    "funding": "Funding",
    "open_interest": "OpenInterest",
    "liquidations": "Liquidations",
}
Arrays = Mapping[str, np.ndarray]


def pack(arrays: Arrays) -> bytes:
    """The arrays as a file. The columns have one order and no clock, so equal bars give equal bytes."""
    names = ["time", *(name for name in (*PRICES, *OPTIONAL) if name in arrays)]
    held = io.BytesIO()
    columns: dict[str, Any] = {name: np.ascontiguousarray(arrays[name], dtype=_type_of(name)) for name in names}
    np.savez(held, **columns)
    return held.getvalue()


def unpack(file: Path | bytes) -> dict[str, np.ndarray]:
    """The arrays of a file. Never runs code: object arrays are refused by numpy."""
    source = io.BytesIO(file) if isinstance(file, bytes) else file
    with np.load(source, allow_pickle=False) as held:
        return {name: held[name] for name in held.files}


def frame_of(arrays: Arrays) -> pd.DataFrame:
    """The arrays as the DataFrame that backtesting.py takes: a naive index in UTC and columns that begin with capitals.

    Volume is NaN where the data set has none.
    """
    index = pd.DatetimeIndex(np.asarray(arrays["time"]).astype("datetime64[us]"))
    columns = {TITLES[name]: arrays[name] for name in (*PRICES, *OPTIONAL) if name in arrays}
    frame = pd.DataFrame(columns, index=index)
    if "Volume" not in frame:
        frame.insert(len(PRICES), "Volume", np.nan)
    return frame


def read(file: Path | bytes) -> pd.DataFrame:
    """A file of bars as a DataFrame."""
    return frame_of(unpack(file))


def arrays_of(frame: pd.DataFrame) -> dict[str, np.ndarray]:
    """A DataFrame with backtesting.py's column names as arrays; the index is taken as UTC."""
    index = pd.DatetimeIndex(frame.index)
    moments = index.tz_convert("UTC").tz_localize(None) if index.tz else index
    arrays = {"time": moments.to_numpy().astype("datetime64[us]").astype(np.int64)}
    arrays |= {name: frame[title].to_numpy(dtype=np.float64) for name, title in TITLES.items() if title in frame}
    if "volume" in arrays and np.isnan(arrays["volume"]).all():
        del arrays["volume"]
    return arrays


def _type_of(name: str) -> type[np.generic]:
    return np.int64 if name == "time" else np.float64
