"""Bars made from bars: repaired, or brought to a longer timeframe."""

from __future__ import annotations

import numpy as np
import pandas as pd

from backtests.datasets.inside.bars import OPTIONAL, PRICES, Arrays
from backtests.datasets.inside.framed import arrays_of, frame_of
from backtests.datasets.quality import SECOND, has_sessions
from backtests.datasets.timeframes import DAY, MONTH, WEEK, name_of, usual_step
from moondev.lib.errors import Invalid

# Gaps that are filled with flat bars; a longer hole is no repair.
MOST_FILLED = 1_000_000
# 1970-01-05 in microseconds.
MONDAY = 4 * DAY * SECOND
HOW = {"Open": "first", "High": "max", "Low": "min", "Close": "last"}
HOW_MORE = {"Volume": "sum", "Liquidations": "sum", "Funding": "last", "OpenInterest": "last"}


def repair(arrays: Arrays, *, fill_gaps: bool = False) -> tuple[dict[str, np.ndarray], list[str]]:
    """The bars without their faults, and what was done, a sentence each."""
    done: list[str] = []
    bars = _keep(arrays, _has_prices(arrays), done, "without a usable price left out")
    bars = _sorted(bars, done)
    _, first = np.unique(bars["time"], return_index=True)
    bars = _keep(bars, np.isin(np.arange(len(bars["time"])), first), done, "at a time that had one already left out")
    _widen(bars, done)
    return (_filled(bars, done) if fill_gaps else bars), done


def resample(arrays: Arrays, seconds: int) -> dict[str, np.ndarray]:
    """Longer bars from shorter ones: they begin at multiples of the timeframe in UTC, weeks on Mondays.

    A bar without any is left out; the first and the last may hold fewer than the others. Raises Invalid at
    `/timeframe` for one that is no multiple of what there is.
    """
    step = usual_step(np.asarray(arrays["time"]))
    if seconds <= step or seconds % step or step in MONTH:
        raise Invalid.field("/timeframe", f"Choose a multiple of {name_of(step)} that is longer.")
    frame = frame_of(arrays)
    how = {title: rule for title, rule in (HOW | HOW_MORE).items() if title in frame}
    # Grouped by where they begin: pandas' own resampling makes a row of every bar that a gap could hold.
    longer = frame.groupby(_beginnings(frame.index, seconds)).agg(how).dropna(subset=["Open"])
    return {name: values for name, values in arrays_of(longer).items() if name in arrays}


def _beginnings(index: pd.Index, seconds: int) -> pd.DatetimeIndex:
    """Where the longer bar of each bar begins."""
    moments = index.to_numpy().astype("datetime64[us]").astype(np.int64)
    origin = MONDAY if seconds % WEEK == 0 else 0
    begun = moments - (moments - origin) % (seconds * SECOND)
    return pd.DatetimeIndex(begun.astype("datetime64[us]"))


def _has_prices(arrays: Arrays) -> np.ndarray:
    prices = np.stack([np.asarray(arrays[name]) for name in PRICES])
    return np.asarray(np.isfinite(prices).all(axis=0) & (prices > 0).all(axis=0))


def _keep(arrays: Arrays, wanted: np.ndarray, done: list[str], what: str) -> dict[str, np.ndarray]:
    left_out = len(wanted) - int(np.count_nonzero(wanted))
    if left_out:
        done.append(f"{left_out} {'bar' if left_out == 1 else 'bars'} {what}.")
    return {name: np.asarray(values)[wanted] for name, values in arrays.items()}


def _sorted(arrays: dict[str, np.ndarray], done: list[str]) -> dict[str, np.ndarray]:
    if (np.diff(arrays["time"]) >= 0).all():
        return arrays
    done.append("The bars were sorted by time.")
    # Stable, so that of two bars at one time the first of the file stays the first.
    order = np.argsort(arrays["time"], kind="stable")
    return {name: values[order] for name, values in arrays.items()}


def _widen(bars: dict[str, np.ndarray], done: list[str]) -> None:
    prices = np.stack([bars[name] for name in PRICES])
    high, low = prices.max(axis=0), prices.min(axis=0)
    widened = int(np.count_nonzero((high != bars["high"]) | (low != bars["low"])))
    bars["high"], bars["low"] = high, low
    if widened:
        done.append(f"High and low of {widened} {'bar' if widened == 1 else 'bars'} widened.")
    if "volume" in bars and (bars["volume"] < 0).any():
        done.append(f"{int((bars['volume'] < 0).sum())} negative volumes set to 0.")
        bars["volume"] = np.maximum(bars["volume"], 0)


def _filled(bars: dict[str, np.ndarray], done: list[str]) -> dict[str, np.ndarray]:
    """Flat bars at the close before, without volume, wherever a market that never closes has none."""
    step = usual_step(bars["time"])
    if not step or step > DAY or has_sessions(bars["time"], step):
        return bars
    added = _missing(bars["time"], step * SECOND)
    if not added:
        return bars
    if added > MOST_FILLED:
        text = f"{added:,} bars are missing, and at most {MOST_FILLED:,} are filled."
        raise Invalid.field("/fill_gaps", f"{text} Repair without filling gaps, or bring a file without them.")
    done.append(f"{added} missing {'bar' if added == 1 else 'bars'} filled, flat and without volume.")
    whole = np.arange(bars["time"][0], bars["time"][-1] + 1, step * SECOND)
    return _flat(bars, np.union1d(whole, bars["time"]))


def _missing(moments: np.ndarray, step: int) -> int:
    """How many steps from the first moment to the last have no bar. Counted before anything is made of them."""
    there = np.count_nonzero((moments - moments[0]) % step == 0)
    return int((moments[-1] - moments[0]) // step) + 1 - int(there)


def _flat(bars: dict[str, np.ndarray], moments: np.ndarray) -> dict[str, np.ndarray]:
    before = np.searchsorted(bars["time"], moments, side="right") - 1
    there = bars["time"][before] == moments
    filled = {"time": moments}
    for name in PRICES:
        filled[name] = np.where(there, bars[name][before], bars["close"][before])
    for name in OPTIONAL:
        if name in bars:
            flat = bars[name][before] if name in {"funding", "open_interest"} else 0.0
            filled[name] = np.where(there, bars[name][before], flat)
    return filled
