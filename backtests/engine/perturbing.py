"""Other bars after a moment, for the check for look-ahead.

They are made here: a child that is asked again never holds the bars as they were.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

PRICES = ("Open", "High", "Low", "Close")


def perturbed(frame: pd.DataFrame, after: int, seed: int) -> pd.DataFrame:
    """The bars with everything after one of them changed: another level, and noise on each. They stay consistent."""
    noise = np.random.default_rng([seed, after])
    count = len(frame) - after - 1
    level = noise.choice([-1.0, 1.0]) * noise.uniform(0.1, 0.4)
    factor = np.exp(level + noise.normal(0.0, 0.03, count))
    changed = frame.copy()
    for name in changed.columns:
        values = changed[name].to_numpy(dtype=np.float64, copy=True)
        own = factor if name in PRICES else np.exp(noise.normal(0.0, 0.7, count)) * noise.choice([-1, 1], count)
        values[after + 1 :] *= np.abs(own) if np.nanmin(values, initial=0.0) >= 0 else own
        changed[name] = values
    return changed
