"""The price arrays and the `data` of backtesting.py, where scripts take them for pandas."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
from backtesting import Strategy
from backtesting._util import _Array, _Data, _Indicator

from backtests.engine.inside.script.data.wishes import meaning
from backtests.engine.inside.script.notes import Notes
from backtests.engine.inside.script.words import words

# Of Series, and not of numpy's arrays.
_METHODS = frozenset(
    words(
        "rolling shift ewm expanding iloc loc iat at diff pct_change fillna ffill bfill values apply",
        "map dropna abs isna isnull notna notnull quantile median rank cummax cummin between to_list tail",
        "head interpolate resample index autocorr skew kurt kurtosis idxmax idxmin nlargest nsmallest where",
        "mask replace corr cov unique value_counts add sub mul div truediv gt lt ge le eq ne combine",
        "combine_first pipe agg aggregate empty mode to_frame asfreq reindex reset_index groupby rename",
        "iteritems items isin first_valid_index is_monotonic_increasing",
    )
)
_OF_FRAME = frozenset(
    words(
        "iloc loc shape columns copy tail head empty iterrows itertuples resample rolling groupby shift",
        "values dropna describe to_numpy apply assign ta ffill bfill drop isnull isna between_time",
    )
)
# Helpers ask for these to see what they were given; nothing of another length comes of them.
_LOOKED_AT = ("values", "index", "empty")
_ARRAYS = "Methods of pandas (rolling, shift, iloc and such) were made to work on backtesting.py's price arrays."
_FRAME = "self.data was used as a DataFrame ({name}); it was given as one."


def changes(notes: Notes) -> Iterator[tuple[Any, str, Any]]:
    yield _Array, "__getattr__", _array_attribute(notes)
    yield _Data, "__getattr__", _data_attribute(_Data.__getattr__, notes)
    yield _Data, "__getitem__", _data_item(_Data.__getitem__, notes)
    yield _Data, "__setitem__", _set_column(notes)
    yield _Data, "df", property(_Data.df.fget, _set_frame(notes))
    for name in ("Open", "High", "Low", "Close", "Volume"):
        yield _Data, name, property(vars(_Data)[name].fget, _keep(name, notes))
    yield _Data, "_update", _update(_Data._update, notes)
    yield Strategy, "data", property(Strategy.data.fget, lambda self, given: _set_frame(notes)(self._data, given))


def _array_attribute(notes: Notes) -> Callable[[_Array, str], Any]:
    def get(self: _Array, name: str) -> Any:
        if name == "to_numpy":
            # pandas asks for it while it makes the very Series that the others come from.
            return lambda *_, **__: np.asarray(self)
        if name not in _METHODS or "_opts" not in self.__dict__ or "index" not in self._opts:
            raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")
        if name not in _LOOKED_AT:
            notes.add(_ARRAYS)
            # What comes of it may be kept by init() and looked at in next().
            notes.is_loose = True
        return getattr(self.df if np.ndim(self) > 1 else self.s, name)

    return get


def _frame_of(data: _Data) -> pd.DataFrame:
    frame: pd.DataFrame = data._Data__df
    return frame


def _known(data: _Data, name: Any) -> str | None:
    """The column that a name means: in another case, added to the frame meanwhile, or the adjusted close."""
    frame = _frame_of(data)
    if not isinstance(name, str):
        return None
    if name in frame:
        return name
    alike = [str(column) for column in frame if str(column).lower() == name.lower().replace(" ", "")]
    wanted = "Close" if meaning(name) == "Adj" else meaning(name)
    return alike[0] if alike else wanted if wanted in frame else None


def _column(data: _Data, name: str, notes: Notes) -> Any:
    column = _known(data, name)
    if column is None:
        return None
    if column == name:
        # Added to the frame since the arrays were made.
        data._update()
    else:
        notes.add(f"self.data.{name} was read as self.data.{column}.")
    return data._Data__get_array(column)


def _data_attribute(real: Callable[..., Any], notes: Notes) -> Callable[[_Data, str], Any]:
    def get(self: _Data, name: str) -> Any:
        try:
            return real(self, name)
        except AttributeError:
            if name.startswith("_"):
                raise
            if name in _OF_FRAME:
                notes.add(_FRAME.format(name=name))
                return getattr(self.df, name)
            found = _column(self, name, notes)
            if found is None:
                raise
            return found

    return get


def _data_item(real: Callable[..., Any], notes: Notes) -> Callable[[_Data, Any], Any]:
    def get(self: _Data, key: Any) -> Any:
        try:
            return real(self, key)
        except (KeyError, TypeError):
            found = _column(self, key, notes) if isinstance(key, str) else None
            if found is not None:
                return found
            if isinstance(key, str):
                raise
            notes.add(_FRAME.format(name="[...]"))
            return self.df.iloc[key] if isinstance(key, int | slice) else self.df[key]

    return get


def _set_column(notes: Notes) -> Callable[[_Data, str, Any], None]:
    def put(self: _Data, name: str, values: Any) -> None:
        notes.add("Columns that the strategy puts into self.data were added to its frame.")
        frame = _frame_of(self)
        frame[name] = values.reindex(frame.index) if _needs_index(values, frame) else np.asarray(values)
        self._update()

    return put


def _needs_index(values: Any, frame: pd.DataFrame) -> bool:
    return isinstance(values, pd.Series) and len(values) != len(frame)


def _set_frame(notes: Notes) -> Callable[[_Data, Any], None]:
    def put(self: _Data, given: Any) -> None:
        """`self.data.df = ...`: its new columns go into the frame; prices stay as they are."""
        notes.add(
            "A DataFrame put in place of self.data gave its new columns to it; prices stay those of the data set."
        )
        if isinstance(given, _Data) or not isinstance(given, pd.DataFrame):
            return
        frame = _frame_of(self)
        for name in given.columns.difference(frame.columns, sort=False):
            values = given[name]
            frame[name] = values.to_numpy() if len(values) == len(frame) else values.reindex(frame.index)
        self._update()

    return put


def _keep(name: str, notes: Notes) -> Callable[[_Data, Any], None]:
    def put(self: _Data, given: Any) -> None:
        notes.add(f"self.data.{name} cannot be set; it stays that of the data set.")

    return put


def _update(real: Callable[[_Data], None], notes: Notes) -> Callable[[_Data], None]:
    """After `init`, backtesting.py calls this: series out of mended arrays become indicators, shown bar by bar."""

    def update(self: _Data) -> None:
        real(self)
        owner = notes.strategy
        if owner is not None and owner._data is self and notes.is_loose and not notes.is_revealing:
            notes.is_revealing = True
            _reveal(owner, notes)

    return update


def _reveal(strategy: Strategy, notes: Notes) -> None:
    length = len(strategy._data)
    for name, value in list(strategy.__dict__.items()):
        if isinstance(value, _Indicator) or not isinstance(value, pd.Series | np.ndarray) or len(value) != length:
            continue
        if np.ndim(value) == 1 and np.asarray(value).dtype.kind in "fiub":
            notes.add(
                "Series that init() computes outside of self.I() were made indicators, so that next() sees no future."
            )
            setattr(strategy, name, strategy.I(lambda held=value: np.asarray(held), name=name, plot=False))
