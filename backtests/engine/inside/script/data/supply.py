"""The data set in the layout of the moment, as text, as a table, or as the frame that a data service would give."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from backtests.engine.inside.script.data.layout import Layout
from backtests.engine.inside.script.data.wishes import meaning
from backtests.engine.inside.script.notes import Notes
from backtests.engine.inside.script.words import words

_read_csv = pd.read_csv
# Arguments that describe the author's file, or that pandas 3 no longer has. Ours is UTF-8, with commas, from its top.
_DROPPED = words(
    "sep delimiter encoding encoding_errors compression decimal thousands quotechar quoting doublequote escapechar",
    "comment skiprows skipfooter skipinitialspace engine memory_map low_memory storage_options lineterminator dialect",
    "on_bad_lines error_bad_lines warn_bad_lines infer_datetime_format squeeze prefix mangle_dupe_cols",
    "delim_whitespace verbose dayfirst cache_dates keep_date_col na_filter dtype_backend",
)


_TITLES = {"Adj": "Adj Close"}


@dataclass
class Supply:
    """What a script reads while it runs. `used` says whether it has read anything."""

    frame: pd.DataFrame
    notes: Notes
    layout: Layout = field(default_factory=lambda: Layout(("Date", "Open", "High", "Low", "Close", "Volume")))
    used: bool = False
    _texts: dict[tuple[Layout, bool], str] = field(default_factory=dict)

    def note(self, text: str) -> None:
        self.used = True
        self.notes.add(text)

    def text(self, *, header: bool = True) -> str:
        """The data set as CSV. Floats are written so that they are read back to the last bit."""
        key = (self.layout, header)
        if key not in self._texts:
            self._texts[key] = self._written(header)
        return self._texts[key]

    def _written(self, header: bool) -> str:
        columns = []
        for name in self.layout.header:
            values = self.layout.column(name, self.frame)
            if isinstance(values, pd.DatetimeIndex):
                columns.append(self.layout.times(values, name))
            else:
                columns.append(list(map(_text, values.tolist())))
        lines = [",".join(self.layout.header)] if header else []
        lines += map(",".join, zip(*columns, strict=True))
        return "\n".join(lines) + "\n"

    def read_csv(self, *_: object, **options: Any) -> Any:
        """`pandas.read_csv` of the data set, with those of the script's arguments that say what it wants."""
        self.note("The run's data set was supplied for the file that the script reads.")
        self._say_unknown()
        wanted = {key: value for key, value in options.items() if key not in _DROPPED and key != "filepath_or_buffer"}
        is_usual = set(wanted) <= {"index_col", "parse_dates"} and len(self.layout.time_columns) == 1
        if is_usual and _is_plain(wanted):
            return self._read_at_once(wanted.get("index_col"), wanted.get("parse_dates"))
        wanted = _modern(wanted, self.layout)
        joined, parser = wanted.pop("joined", None), wanted.pop("date_parser", None)
        dates = wanted.pop("parse_dates", None) if parser else None
        names_given = "names" in wanted and "header" not in wanted
        has_header = not (names_given or options.get("header", 0) is None)
        table = _read_csv(io.StringIO(self.text(header=has_header)), float_precision="round_trip", **wanted)
        table = _joined(table, joined) if joined else table
        return _parsed(table, parser, dates, is_index="index_col" in wanted) if parser else table

    def _read_at_once(self, index: Any, dates: Any) -> pd.DataFrame:
        """What `read_csv` would give, without the text between."""
        header = self.layout.header
        place = header[index] if isinstance(index, int) and not isinstance(index, bool) else index
        parsed = [place] if dates is True else [header[d] if isinstance(d, int) else d for d in dates or []]
        absent = [name for name in (*parsed, place) if name not in (*header, None, False)]
        if absent:
            raise ValueError(f"Missing column provided to 'parse_dates': '{absent[0]}'")
        table = self.layout.table(self.frame)
        for name in self.layout.time_columns:
            if name not in parsed or "%" not in self.layout.time:
                table[name] = self._unparsed(name)
        return table if place in (None, False) else table.set_index(place)

    def _unparsed(self, name: str) -> list[str] | list[int]:
        """Times as they are read where nothing says that they are times: text, or whole numbers."""
        texts = self.layout.times(pd.DatetimeIndex(self.frame.index), name)
        return texts if "%" in self.layout.time else list(map(int, texts))

    def read_table(self, *_: object, **options: Any) -> pd.DataFrame:
        """The data set as Parquet, Excel, pickle and the like would give it: typed, the time a column or the index."""
        self.note("The run's data set was supplied for the file that the script reads.")
        self._say_unknown()
        table = self.layout.table(self.frame)
        index = options.get("index_col")
        if index is not None:
            return table.set_index(table.columns[index] if isinstance(index, int) else index)
        return table.set_index(self.layout.time_columns) if self.layout.indexed else table

    def quotes(self) -> pd.DataFrame:
        """The data set as a data service gives it: titles, the time as index, both rows of headers where wanted."""
        self.note("The run's data set was supplied for the quotes that the script downloads.")
        wanted = [_TITLES.get(meaning(title), meaning(title)) for title in self.layout.header]
        quotes = self.frame.assign(**{"Adj Close": self.frame["Close"]})
        # In the order in which the script may name them; services have had several.
        quotes = quotes[[title for title in dict.fromkeys(wanted) if title in quotes]]
        quotes.index.name = next(iter(self.layout.time_columns), "Date")
        if self.layout.two_levels:
            quotes.columns = pd.MultiIndex.from_product([quotes.columns, ["DATA"]], names=["Price", "Ticker"])
        return quotes

    def candles(self, since: object = None, limit: object = None) -> list[list[float]]:
        """The data set as ccxt's rows of [ms, open, high, low, close, volume], `limit` of them from `since` (ms) on."""
        self.note("The run's data set was supplied for the candles that the script downloads.")
        moments = pd.DatetimeIndex(self.frame.index).as_unit("ms").asi8
        first = int(moments.searchsorted(int(since))) if isinstance(since, int | float) else 0
        last = first + int(limit) if isinstance(limit, int) else len(moments)
        values = self.frame[["Open", "High", "Low", "Close", "Volume"]].to_numpy()[first:last].tolist()
        return [[int(at), *row] for at, row in zip(moments[first:last], values, strict=True)]

    def _say_unknown(self) -> None:
        for name in self.layout.unknown(self.frame):
            self.notes.add(f"The data set has no column {name}; it was filled with zeros.")


def _is_plain(options: Mapping[str, Any]) -> bool:
    """No columns to be joined into one time, nor several levels of index."""
    dates, index = options.get("parse_dates"), options.get("index_col")
    simple = isinstance(dates, bool | None) or (
        isinstance(dates, list) and all(isinstance(d, str | int) for d in dates)
    )
    return simple and isinstance(index, str | int | None)


def _text(value: float) -> str:
    return "" if value != value else repr(value)


def _modern(options: Mapping[str, Any], layout: Layout) -> dict[str, Any]:
    """Arguments as pandas 3 takes them. Columns to be joined into one time (`[["Date", "Time"]]`) are set aside."""
    wanted = dict(options)
    dates = wanted.get("parse_dates")
    if isinstance(dates, list) and dates and isinstance(dates[0], list):
        dates = {"_".join(map(str, dates[0])): dates[0]}
    if isinstance(dates, dict):
        name, columns = next(iter(dates.items()))
        is_index = wanted.pop("index_col", None) is not None
        wanted |= {"parse_dates": False, "joined": (name, columns, is_index)}
    if wanted.get("date_format") != layout.time:
        wanted.pop("date_format", None)
    return wanted


def _joined(table: pd.DataFrame, joined: tuple[str, list[Any], bool]) -> pd.DataFrame:
    name, wanted, is_index = joined
    columns = [table.columns[c] if isinstance(c, int) else c for c in wanted if isinstance(c, int) or c in table]
    text = table[columns].astype(str).agg(" ".join, axis=1)
    table = table.drop(columns=columns)
    table.insert(0, name, pd.to_datetime(text))
    return table.set_index(name) if is_index else table


def _parsed(table: pd.DataFrame, parser: Any, dates: Any, *, is_index: bool) -> pd.DataFrame:
    """Times through the script's own `date_parser`, which pandas 3 no longer has."""
    if is_index:
        table.index = pd.DatetimeIndex([pd.Timestamp(parser(value)) for value in table.index.astype(str)])
        return table
    for name in dates if isinstance(dates, list) else []:
        column = table.columns[name] if isinstance(name, int) else name
        table[column] = [pd.Timestamp(parser(value)) for value in table[column].astype(str)]
    return table
