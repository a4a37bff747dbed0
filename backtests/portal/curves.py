"""Long series in few points: every part of a curve keeps its lowest and its highest value, every candle its range."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
# So many parts are more than a screen has pixels for; each of up to three curves keeps two points of each.
PARTS = 500
CANDLES = 400


@dataclass(frozen=True, slots=True)
class Candles:
    """Bars drawn together: `times` are the openings of the first bar of each."""

    times: Ints
    open: Floats
    high: Floats
    low: Floats
    close: Floats


def thin(curves: Iterable[Floats], parts: int = PARTS) -> Ints:
    """The places to draw so that no peak of any curve is lost: at most two a part and curve, the ends always.

    All curves have one length. NaN is never a peak.
    """
    held = list(curves)
    length = len(held[0])
    if length <= 2 * parts:
        return np.arange(length)
    edges = np.linspace(0, length, parts + 1).astype(np.int64)
    places = [np.array([0, length - 1])]
    for curve in held:
        # A part is as long as the longest; what is missing at its end is filled with what is no peak.
        width = int(np.diff(edges).max())
        at = np.minimum(edges[:-1, None] + np.arange(width), edges[1:, None] - 1)
        values = curve[at]
        for worst, pick in ((np.inf, np.argmin), (-np.inf, np.argmax)):
            found = pick(np.where(np.isnan(values), worst, values), axis=1)
            places.append(at[np.arange(parts), found])
    return np.unique(np.concatenate(places))


def candles(times: Ints, opens: Floats, highs: Floats, lows: Floats, closes: Floats, most: int = CANDLES) -> Candles:
    """Bars as they are, or so many of them together that at most `most` candles are left."""
    each = -(-len(times) // most) or 1
    starts = np.arange(0, len(times), each)
    ends = np.minimum(starts + each, len(times)) - 1
    return Candles(
        times[starts], opens[starts], np.maximum.reduceat(highs, starts), np.minimum.reduceat(lows, starts),
        closes[ends],
    )  # fmt: skip
