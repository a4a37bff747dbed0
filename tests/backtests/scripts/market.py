"""Bars that the scripts are run on: a small market that rises and falls in waves, the same every time."""

from __future__ import annotations

import numpy as np
import pandas as pd

BARS = 2_000


def market(bars: int = BARS, *, seed: int = 1) -> pd.DataFrame:
    """15-minute bars from the beginning of 2024 that begin at 100."""
    random = np.random.default_rng(seed)
    steps = random.normal(0, 0.004, bars) + 0.002 * np.sin(np.arange(bars) / 40)
    close = 100 * np.exp(np.cumsum(steps))
    opened = np.concatenate([[100.0], close[:-1]])
    high = np.maximum(opened, close) * (1 + np.abs(random.normal(0, 0.002, bars)))
    low = np.minimum(opened, close) * (1 - np.abs(random.normal(0, 0.002, bars)))
    volume = random.integers(100, 1_000, bars).astype(float)
    index = pd.date_range("2024-01-01", periods=bars, freq="15min", unit="us")
    return pd.DataFrame({"Open": opened, "High": high, "Low": low, "Close": close, "Volume": volume}, index=index)
