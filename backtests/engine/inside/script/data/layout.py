"""The shapes that a file of bars may have, the likeliest for a script first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from backtests.engine.inside.script.data.wishes import PRICES, Wishes, meaning

COLUMNS = (*PRICES, "Volume", "Funding", "OpenInterest", "Liquidations")
_SECONDS = {"s": 1_000_000, "ms": 1_000, "us": 1}


@dataclass(frozen=True)
class Layout:
    """A header, and how the time is written: a strftime format, or `s`, `ms`, `us` or `ns` since 1970.

    `indexed`: typed files (Parquet, pickle) have the time as their index. `two_levels`: titles above tickers.
    """

    header: tuple[str, ...]
    time: str = "%Y-%m-%d %H:%M:%S"
    indexed: bool = False
    two_levels: bool = False

    def column(self, name: str, frame: pd.DataFrame) -> pd.DatetimeIndex | np.ndarray:
        """The values of one column of the header; zeros where the data set has nothing of the kind."""
        kind = meaning(name)
        made = _MADE.get(kind)
        if made is not None:
            return made(frame)
        if kind == "time":
            return pd.DatetimeIndex(frame.index)
        return frame[kind].to_numpy() if kind in frame else np.zeros(len(frame))

    def table(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The data set with this header; times are datetimes."""
        return pd.DataFrame({name: self.column(name, frame) for name in self.header})

    @property
    def time_columns(self) -> list[str]:
        return [name for name in self.header if meaning(name) == "time"]

    def times(self, index: pd.DatetimeIndex, name: str) -> list[str]:
        """The times as the file writes them; a file with `Date` and `Time` has the day and the clock apart."""
        form = self.time
        if len(self.time_columns) > 1:
            form = "%Y-%m-%d" if "date" in name.lower() else "%H:%M:%S"
        if "%" in form:
            return list(index.strftime(form))
        moments = index.as_unit("us").asi8
        return [str(moment) for moment in (moments * 1000 if self.time == "ns" else moments // _SECONDS[self.time])]

    def unknown(self, frame: pd.DataFrame) -> list[str]:
        """Names of the header that the data set has nothing for."""
        known = {"time", *_MADE, *frame.columns}
        return [name for name in self.header if meaning(name) not in known]


_MADE: dict[str, Callable[[pd.DataFrame], pd.DatetimeIndex | np.ndarray]] = {
    "Adj": lambda frame: frame["Close"].to_numpy(),
    "quote": lambda frame: (frame["Close"] * frame["Volume"]).to_numpy(),
    "close time": lambda frame: pd.DatetimeIndex(frame.index + (frame.index[-1] - frame.index[-2])),
}


def layouts_for(wishes: Wishes, frame: pd.DataFrame) -> list[Layout]:
    """The layouts to try, without repeats."""
    time = _time_of(wishes)
    indexed = not wishes.time_is_column
    found = [Layout(header, time, indexed) for header in _headers(wishes, frame)]
    found.insert(1, Layout(found[0].header, time, not indexed))
    found += [Layout(header, other) for header in _headers(wishes, frame)[:1] for other in _other_times(time)]
    if wishes.two_levels:
        found.insert(0, Layout(_header("Date", str.title, frame), indexed=True, two_levels=True))
    return list(dict.fromkeys(found))


def _headers(wishes: Wishes, frame: pd.DataFrame) -> list[tuple[str, ...]]:
    found = [*_listed(wishes), _mentioned(wishes, frame)]
    found += [_header(time, case, frame) for time, case in _USUAL]
    return found


def _listed(wishes: Wishes) -> Iterator[tuple[str, ...]]:
    """Headers that the script spells out; without a time the script may mean the columns beside the index."""
    for names in wishes.lists:
        meanings = [meaning(name) for name in names]
        if not {"Open", "Close"} <= set(meanings):
            continue
        if "time" in meanings:
            yield names
        else:
            yield (wishes.times[0] if wishes.times else "Date", *names)
            yield names


def _mentioned(wishes: Wishes, frame: pd.DataFrame) -> tuple[str, ...]:
    """A header of the names that the script uses or renames, with as many columns as the data set has."""
    lower = _says_lower(wishes)
    names = _time_names(wishes) or ["datetime" if lower else "Date"]
    for column in _present(frame):
        said = wishes.names_of(column)
        names.append(said[0] if said else column.lower() if lower else column)
    names += [name for name in wishes.mentioned if meaning(name) == "Adj" or name.startswith("Unnamed: ")]
    return tuple(dict.fromkeys(names))


def _time_names(wishes: Wishes) -> list[str]:
    """One name of the time, or two where the script has the day and the clock apart."""
    apart = [name for name in dict.fromkeys(wishes.times) if name.strip("<>").lower() in ("date", "time")]
    return apart if len(apart) == 2 else wishes.times[:1]


def _says_lower(wishes: Wishes) -> bool:
    said = [name for column in PRICES for name in wishes.names_of(column)]
    return bool(said) and said[0].islower()


def _present(frame: pd.DataFrame) -> list[str]:
    return [column for column in COLUMNS if column in frame]


def _header(time: str, case: Callable[[str], str], frame: pd.DataFrame) -> tuple[str, ...]:
    return (time, *(case(column) if column in (*PRICES, "Volume") else column for column in _present(frame)))


_USUAL: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("datetime", str.lower),
    ("Date", str.title),
    ("timestamp", str.lower),
    ("Datetime", str.title),
    ("date", str.lower),
)


def _time_of(wishes: Wishes) -> str:
    if wishes.units:
        return wishes.units[0] if wishes.units[0] in (*_SECONDS, "ns") else "s"
    return next((text for text in wishes.formats if "%" in text), "%Y-%m-%d %H:%M:%S")


def _other_times(time: str) -> list[str]:
    return [other for other in ("%Y-%m-%d %H:%M:%S", "ms", "s") if other != time]
