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


def _type_of(name: str) -> type[np.generic]:
    return np.int64 if name == "time" else np.float64
