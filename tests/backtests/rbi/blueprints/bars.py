"""Generated markets: calm and wild times, shocks with their volume, gaps, funding, open interest, liquidations."""

from __future__ import annotations

import numpy as np
import pandas as pd


def bars(seed: int, *, freq: str, drift: float = 0.0, pull: float = 0.0, gaps: float = 0.0) -> pd.DataFrame:
    """`drift` makes waves of trends, `pull` draws the price back to 100, `gaps` are opens away from the last close."""
    chance, count = np.random.default_rng(seed), 1200
    wild = np.exp(np.convolve(chance.normal(0, 0.5, count), np.ones(20) / 4, "same")) * 0.004
    shock = chance.random(count) < 0.01
    wild[shock] *= 5
    steps = drift * np.sin(np.arange(count) / 120) + wild * chance.normal(size=count)
    height = 0.0
    close = np.array([100 * np.exp(height := height * (1 - pull) + step) for step in steps])
    jumps = gaps * chance.normal(size=count) * (chance.random(count) < 0.05) + 0.1 * wild * chance.normal(size=count)
    opened = np.r_[100, close[:-1]] * np.exp(jumps)
    reach = np.abs(chance.normal(size=(2, count))) * wild * 0.5
    return pd.DataFrame(
        {
            "Open": opened,
            "High": np.maximum(opened, close) * np.exp(reach[0]),
            "Low": np.minimum(opened, close) * np.exp(-reach[1]),
            "Close": close,
            "Volume": 1000 * np.exp(chance.normal(0, 0.4, count)) * wild / wild.mean(),
            "Funding": np.repeat(chance.normal(0, 1e-4, count // 30), 30),
            "OpenInterest": 1e8 * np.exp(np.cumsum(chance.normal(0, 0.004, count) - 0.05 * shock)),
            "Liquidations": np.where(chance.random(count) < 0.3, chance.exponential(1e4, count), 0) * (1 + 50 * shock),
        },
        index=pd.date_range("2024-01-01", periods=count, freq=freq, name="Time"),
    )


MARKETS = (
    bars(1, freq="15min", drift=0.0006),
    bars(2, freq="1h", pull=0.01),
    bars(3, freq="1D", gaps=0.02),
)
