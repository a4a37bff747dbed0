"""The data sets that everybody has: those of backtesting.py, and simulated markets that say what they are."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from django.db import connection, transaction

from backtests.datasets import store
from backtests.datasets.inside.bars import Arrays
from backtests.datasets.inside.framed import arrays_of
from backtests.datasets.quality import SECOND
from backtests.datasets.usual import BUNDLED
from backtests.models import Dataset, Source

HOUR = 3600
SIMULATED: Mapping[str, tuple[int, float, float]] = {
    # Seed, price to begin with, share of its value that it moves by in a usual hour.
    "BTC-1h simulated": (11, 30_000.0, 0.005),
    "ETH-1h simulated": (12, 2_000.0, 0.006),
    "SOL-1h simulated": (13, 80.0, 0.009),
}
# Any number that no other part of the product takes.
LOCK = 0x64617461
SIMULATED_BARS = 2 * 365 * 24
START = datetime(2024, 1, 1, tzinfo=UTC)


def seed() -> list[str]:
    """Store the data sets that are missing; returns their names. Safe to repeat, and to do twice at once."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        return _seed()


def _seed() -> list[str]:
    there = set(Dataset.objects.filter(workspace=None, deleted_at=None).values_list("name", flat=True))
    makers: dict[str, Callable[[], Dataset]] = {name: _bundled(name) for name in BUNDLED}
    makers |= {name: _simulated(name) for name in SIMULATED}
    missing = [name for name in makers if name not in there]
    for name in missing:
        makers[name]()
    return missing


def simulate(*, seed: int, price: float, step: float, bars: int = SIMULATED_BARS) -> dict[str, np.ndarray]:
    """A market that never was: hourly bars whose volatility clusters, with funding, open interest and liquidations.

    Always the same for the same seed. `step` is the usual size of an hour's move as a fraction.
    """
    chance = np.random.default_rng(seed)
    mood = _smooth(chance.normal(size=bars), 48)
    size = step * np.exp(0.6 * mood)
    drift = 0.15 * step * _smooth(chance.normal(size=bars), 240)
    close = price * np.exp(np.cumsum(drift + size * chance.standard_t(4, size=bars) / np.sqrt(2)))
    opened = np.concatenate([[price], close[:-1]])
    reach = close * size * np.abs(chance.normal(0.6, 0.4, size=(2, bars)))
    falls = np.maximum(0, opened / close - 1)
    return {
        "time": int(START.timestamp()) * SECOND + np.arange(bars) * HOUR * SECOND,
        "open": opened, "close": close,
        "high": np.maximum(opened, close) + reach[0],
        "low": np.minimum(opened, close) - np.minimum(reach[1], close * 0.4),
        "volume": 1_000 * np.exp(0.8 * mood + 0.5 * chance.normal(size=bars)),
        "funding": 0.0001 + 0.0004 * _smooth(chance.normal(size=bars), 72),
        "open_interest": 5e8 * np.exp(0.1 * _smooth(chance.normal(size=bars), 480)),
        "liquidations": 2e5 * np.exp(0.7 * chance.normal(size=bars)) * (1 + 80 * falls / step) * np.exp(mood),
    }  # fmt: skip


def _smooth(noise: np.ndarray, bars: int) -> np.ndarray:
    """Noise that remembers so many bars, with a standard deviation of one."""
    smoothed = pd.Series(noise).ewm(span=bars).mean().to_numpy()
    return np.asarray((smoothed - smoothed.mean()) / smoothed.std())


def _bundled(name: str) -> Callable[[], Dataset]:
    def make() -> Dataset:
        frame = pd.read_csv(_library() / "test" / f"{name}.csv", index_col=0, parse_dates=True)
        return _add(name, arrays_of(frame), Source.BUNDLED, {"from": "backtesting.py", "what": BUNDLED[name]})

    return make


def _library() -> Path:
    """Where backtesting.py lies; importing it for a few files would cost a second."""
    found = importlib.util.find_spec("backtesting")
    if found is None or not found.submodule_search_locations:
        raise LookupError("backtesting.py is not installed: install requirements.txt.")
    return Path(found.submodule_search_locations[0])


def _simulated(name: str) -> Callable[[], Dataset]:
    def make() -> Dataset:
        number, price, step = SIMULATED[name]
        how = {"from": "Simulated; no such market ever was", "seed": number}
        return _add(name, simulate(seed=number, price=price, step=step), Source.SIMULATED, how)

    return make


def _add(name: str, arrays: Arrays, source: Source, provenance: dict[str, Any]) -> Dataset:
    symbol = name.partition("-")[0]
    return store.add(
        arrays=arrays, name=name, source=source, symbol=symbol, provenance=provenance,
        is_simulated=source == Source.SIMULATED,
        # Chosen by us with what the gate says of them.
        accepted=True,
    )  # fmt: skip
