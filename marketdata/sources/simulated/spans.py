"""Which moments a simulated feed has rows for: every one lately, fewer the further back."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from marketdata.cells import micros
from marketdata.sources.simulated.noise import Ints

HISTORY = timedelta(days=120)
MINUTE_US = 60_000_000


def minute_of(moment: datetime) -> int:
    """Whole minutes since 1970."""
    return micros(moment) // MINUTE_US


def marks(
    after: datetime | None,
    until: datetime,
    *,
    dense: timedelta,
    every: int,
    thin_every: int,
    includes_after: bool = False,
) -> Ints:
    """Minutes since 1970 that are multiples of `every` in the last `dense`, of `thin_every` before that.

    They lie after `after` (with its own minute if asked for) and not after `until`; nothing older than HISTORY, so that
    catching up after a long pause stays bounded.
    """
    oldest = minute_of(until - HISTORY)
    first = oldest if after is None else max(oldest, minute_of(after) + (not includes_after))
    last, turn = minute_of(until), max(first, minute_of(until - dense))
    thin = np.arange(_up(first, thin_every), turn, thin_every, dtype=np.int64)
    return np.concatenate([thin, np.arange(_up(turn, every), last + 1, every, dtype=np.int64)])


def _up(minute: int, step: int) -> int:
    return -(-minute // step) * step
