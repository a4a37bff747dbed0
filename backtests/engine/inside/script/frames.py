"""The frame that a script hands to its Backtest, brought back to the prices of the data set."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from backtests.engine.inside.rows import NoSuchRows, base_of
from backtests.engine.inside.script.data.layout import COLUMNS
from backtests.engine.inside.script.data.wishes import PRICES, meaning
from backtests.engine.inside.script.failures import ScriptFailed
from backtests.engine.inside.script.notes import Notes

_CLOSE_ENOUGH = 1e-6


@dataclass(frozen=True)
class Settled:
    """A frame to trade on.

    `timeframe` is "" or says how its bars were made of the data set's: the arguments of `resample` ("3600s left left":
    rule, label, closed).
    """

    frame: pd.DataFrame
    timeframe: str = ""


class NotOurs(ScriptFailed):
    """The script's data is neither rows of the data set nor longer bars made of it."""

    def __init__(self) -> None:
        super().__init__("own_data", "The script's data has nothing to do with the run's data set.")


def settle(given: pd.DataFrame, frame: pd.DataFrame, notes: Notes, *, strict: bool, is_supplied: bool) -> Settled:
    """The rows of the data set that the script chose, with the columns that it added.

    `is_supplied`: the script has read the data set. Raises ScriptFailed when it trades on prices that are not those of
    the data set, NotOurs when `strict` and it has brought its own.
    """
    given = _titled(given, notes)
    given = _timed(given, frame, notes)
    if given.empty:
        raise ScriptFailed("own_data", "The script's data has no rows left when its backtest begins.")
    missing = [name for name in PRICES if name not in given]
    if missing:
        raise ScriptFailed("missing_column", f"The script's data has no column {missing[0]} when its backtest begins.")
    places = frame.index.get_indexer(given.index)
    are_rows = bool((places >= 0).all() and len(places))
    if are_rows and _has_prices_of(frame.iloc[places], given):
        return Settled(_with_prices_of(frame.iloc[places], given))
    made = _resampled(given, frame)
    if made is not None:
        return made
    if are_rows and is_supplied:
        rows = frame.iloc[places]
        return Settled(_with_prices_of(rows, _unscaled(given, rows, notes)))
    if strict:
        raise NotOurs
    # What the script made up has no place beside real prices; a strategy that needs its columns fails by their name.
    notes.add("The script brings its own prices; the run's data set was used instead.")
    return Settled(frame)


def _titled(given: pd.DataFrame, notes: Notes) -> pd.DataFrame:
    """Column names as backtesting.py wants them."""
    if isinstance(given.columns, pd.MultiIndex):
        given = given.copy()
        given.columns = given.columns.get_level_values(0)
        notes.add("The second row of headers was dropped from the data.")
    wanted = {name: meaning(name) for name in given.columns if meaning(name) in COLUMNS and name not in COLUMNS}
    wanted = {name: title for name, title in wanted.items() if title not in given.columns}
    wanted = {name: title for title, name in {title: name for name, title in wanted.items()}.items()}
    if any(title in (*PRICES, "Volume") for title in wanted.values()):
        notes.add("The data's columns were renamed to Open, High, Low, Close and Volume.")
    # Both names stay: the strategy may use its author's.
    return given.assign(**{title: given[name] for name, title in wanted.items()})


def _timed(given: pd.DataFrame, frame: pd.DataFrame, notes: Notes) -> pd.DataFrame:
    """With a naive time in UTC as its index."""
    index = given.index
    if not isinstance(index, pd.DatetimeIndex):
        index = _index_of(given, frame, notes)
    if index.tz is not None:
        # The time of the data set, whatever zone the script gave it.
        moments, clock = index.tz_convert("UTC").tz_localize(None), index.tz_localize(None)
        index = clock if clock.isin(frame.index).sum() > moments.isin(frame.index).sum() else moments
    return given.set_axis(index.as_unit(pd.DatetimeIndex(frame.index).unit), axis=0)


def _index_of(given: pd.DataFrame, frame: pd.DataFrame, notes: Notes) -> pd.DatetimeIndex:
    """Times out of a column, out of the index as text or numbers, or by the place of each row."""
    column = next((name for name in given.columns if meaning(name) == "time"), None)
    for values in ([given[column]] if column is not None else []) + [given.index]:
        times = _times(values)
        if times is not None and times.isin(frame.index).any():
            notes.add("The time was made the index of the data.")
            return times
    places = _places_by_price(given, frame)
    if places is not None:
        notes.add("The time was made the index of the data.")
        return pd.DatetimeIndex(frame.index[places])
    return pd.date_range("1970", periods=len(given), freq="min")


def _places_by_price(given: pd.DataFrame, frame: pd.DataFrame) -> np.ndarray | None:
    """Where the rows of a frame without times are in the data set, if each is there once."""
    if not set(PRICES) <= set(given.columns):
        return None
    every = pd.MultiIndex.from_frame(frame[list(PRICES)])
    if not every.is_unique:
        return None
    places = every.get_indexer(pd.MultiIndex.from_frame(given[list(PRICES)]))
    return places if len(places) and (places >= 0).all() else None


def _times(values: pd.Series | pd.Index) -> pd.DatetimeIndex | None:
    try:
        if pd.api.types.is_numeric_dtype(values.dtype):
            return None if isinstance(values, pd.RangeIndex) else pd.DatetimeIndex(_of_epoch(values))
        return pd.DatetimeIndex(pd.to_datetime(values))
    except (ValueError, TypeError, OverflowError):
        return None


def _of_epoch(values: pd.Series | pd.Index) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(pd.to_datetime(values, unit="ms" if float(values.max()) > 1e11 else "s"))


def _prices(frame: pd.DataFrame) -> np.ndarray:
    return frame[list(PRICES)].to_numpy(dtype=float, na_value=np.nan)


def _has_prices_of(rows: pd.DataFrame, given: pd.DataFrame) -> bool:
    return _is_close(_prices(given), _prices(rows))


def _with_prices_of(rows: pd.DataFrame, given: pd.DataFrame) -> pd.DataFrame:
    """The script's frame with the data set's own prices, to the last bit."""
    if "Volume" in given and not rows["Volume"].isna().all() and given["Volume"].isna().any():
        given = given.assign(Volume=rows["Volume"].to_numpy())
    return given.assign(**{name: rows[name].to_numpy() for name in PRICES})


def _is_close(theirs: np.ndarray, mine: np.ndarray) -> bool:
    return bool(np.allclose(theirs, mine, rtol=_CLOSE_ENOUGH, atol=0, equal_nan=True))


def _unscaled(given: pd.DataFrame, rows: pd.DataFrame, notes: Notes) -> pd.DataFrame:
    """Prices in thousandths or millionths of a coin are put back: the engine trades fractions of a coin itself."""
    theirs, mine = _prices(given), _prices(rows)
    factor = float(np.median(theirs / mine))
    if not (factor > 0 and _is_close(theirs / factor, mine)):
        raise ScriptFailed(
            "changed_prices",
            "The script changes the prices that it trades on (as Heikin-Ashi candles do), and nobody could have traded"
            " at those. Put them in columns of their own and leave Open, High, Low and Close as they are.",
        )
    notes.add("The script scales prices down to trade fractions; the true prices were used, fractions trade anyway.")
    level = float(np.median(theirs))
    numbers = given.select_dtypes("number").columns.difference([*COLUMNS])
    alike = [name for name in numbers if 0.2 < abs(float(given[name].median())) / level < 5]
    return given.assign(**{name: given[name] / factor for name in alike})


def _resampled(given: pd.DataFrame, frame: pd.DataFrame) -> Settled | None:
    """Longer bars that the script made out of the data set, made again here to be sure of their prices."""
    if len(given) < 3:
        return None
    step = pd.Timedelta(pd.Series(given.index).diff().median())
    for label in ("left", "right"):
        for closed in ("left", "right"):
            timeframe = f"{int(step.total_seconds())}s {label} {closed}"
            try:
                made = base_of(frame, timeframe)
            except NoSuchRows:
                return None
            places = made.index.get_indexer(given.index)
            if (places < 0).any():
                continue
            mine, theirs = made.iloc[places][list(PRICES)].to_numpy(), given[list(PRICES)].to_numpy(dtype=float)
            if _is_close(theirs, mine):
                return Settled(given.assign(**dict(zip(PRICES, mine.T, strict=True))), timeframe)
    return None
