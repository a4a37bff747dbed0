"""Times as files write them, as int64 microseconds in UTC."""

from __future__ import annotations

import numpy as np
import pandas as pd

from backtests.datasets.inside.headers import TableError

# Epoch numbers by their size: seconds until the year 5138, then milli-, micro- and nanoseconds.
EPOCHS = ((1e11, 1_000_000), (1e14, 1_000), (1e17, 1), (1e20, 0.001))
# Days since the last but one of 1899, as spreadsheets count them: these are from 1954 to 2119.
SERIALS = (20_000, 80_000)
SERIAL_OF_1970, SECONDS_A_DAY = 25_569, 86_400
NO_TIME = np.iinfo(np.int64).min
# Moments are only believed between these two years; the same in microseconds, the end not among them.
FIRST, LAST = 1900, 2200
BEGIN, END = (int(np.datetime64(str(year), "us").astype(np.int64)) for year in (FIRST, LAST + 1))


def moments_of(cells: pd.Series, clock: pd.Series | None = None) -> np.ndarray:
    """Microseconds since 1970 of each cell, `NO_TIME` where it is no time. Times without a zone are taken as UTC.

    `clock` is a second column with the time of day. Days before months are recognised by a day above 12, or
    by the points between them.
    """
    text = cells if clock is None else cells.astype(str) + " " + clock.astype(str)
    if pd.api.types.is_datetime64_any_dtype(text):
        return _micros(text)
    numbers = pd.to_numeric(text, errors="coerce")
    if numbers.notna().mean() > 0.9 and not _looks_like_dates(numbers):
        return _from_epoch(numbers.to_numpy(dtype=np.float64))
    return _from_text(text.astype(str).str.strip().str.strip("\"'"))


def _looks_like_dates(numbers: pd.Series) -> bool:
    """20230131: a day written as a number."""
    values = numbers.dropna()
    return bool(values.between(19000101, 22001231).all() and (values % 100).between(1, 31).all())


def _from_epoch(values: np.ndarray) -> np.ndarray:
    usual = float(np.nanmedian(np.abs(values)))
    if SERIALS[0] <= usual < SERIALS[1]:
        # A fraction of a day is not exact: bars begin at whole seconds.
        return _believed(np.rint((values - SERIAL_OF_1970) * SECONDS_A_DAY) * 1e6)
    factor = next((factor for most, factor in EPOCHS if usual < most), None)
    if factor is None:
        raise TableError("The times are numbers that are no time since 1970 in seconds, milli-, micro- or nanoseconds.")
    return _believed(np.rint(values * factor))


def _believed(micros: np.ndarray) -> np.ndarray:
    moments = np.full(len(micros), NO_TIME)
    there = (micros >= BEGIN) & (micros < END)
    moments[there] = micros[there].astype(np.int64)
    return moments


def _from_text(text: pd.Series) -> np.ndarray:
    """ISO first, then whatever is the same way round in the whole column."""
    cleaned = text.str.replace(r"\.(\d{2})\.(\d{4})", r"/\1/\2", regex=True).str.replace(
        r"^(\d{4})\.(\d{2})\.(\d{2})", r"\1-\2-\3", regex=True
    )
    best = max(
        (_parsed(cleaned, day_first=first) for first in (_day_first(text), False)), key=lambda got: got.notna().sum()
    )
    return _micros(best)


def _parsed(text: pd.Series, *, day_first: bool) -> pd.Series:
    sample = text[text != ""].head(1)
    guessed = pd.tseries.api.guess_datetime_format(sample.iloc[0], dayfirst=day_first) if len(sample) else None
    strict = pd.to_datetime(text, format=guessed, errors="coerce", utc=True) if guessed else None
    if strict is not None and strict.notna().mean() > 0.99:
        return strict
    return pd.to_datetime(text, format="mixed", dayfirst=day_first, errors="coerce", utc=True)


def _day_first(text: pd.Series) -> bool:
    parts = text.str.extract(r"^(\d{1,2})[/\-.](\d{1,2})[/\-.]\d{2,4}").apply(pd.to_numeric, errors="coerce")
    # Whoever writes `01.02.2024` means the first of February, also where no day shows it.
    is_shown = (parts[0] > 12).any() or text.str.match(r"\d{1,2}\.\d{1,2}\.\d{2}").any()
    return bool(is_shown and not (parts[1] > 12).any())


def _micros(moments: pd.Series) -> np.ndarray:
    held = moments.dt.tz_convert("UTC").dt.tz_localize(None) if moments.dt.tz is not None else moments
    years = held.dt.year
    believed = held.where((years >= FIRST) & (years <= LAST))
    values = believed.to_numpy().astype("datetime64[us]")
    return np.where(np.isnat(values), NO_TIME, values.astype(np.int64))
