"""Values of another kind put into a column: pandas 2 made room for them, pandas 3 refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
from pandas.core import indexing

from backtests.engine.inside.script.notes import Notes

_SAID = "pandas 3 takes no fraction in a column of whole numbers, and no number in one of text; the column was widened."


def changes(notes: Notes) -> Iterator[tuple[Any, str, Any]]:
    for name in ("_LocationIndexer", "_ScalarAccessIndexer"):
        kind = vars(indexing)[name]
        yield kind, "__setitem__", _widening(kind.__setitem__, notes)


def _widening(real: Callable[..., None], notes: Notes) -> Callable[..., None]:
    def put(self: Any, key: Any, value: Any) -> None:
        try:
            real(self, key, value)
        except TypeError as error:
            if "Invalid value" not in str(error) or not isinstance(self.obj, pd.DataFrame):
                raise
            notes.add(_SAID)
            by_place = self.name in ("iloc", "iat")
            for column in _columns(self.obj, key, by_place=by_place):
                self.obj[column] = widened(self.obj[column], value)
            real(self, key, value)

    return put


def _columns(frame: pd.DataFrame, key: Any, *, by_place: bool) -> list[Any]:
    """The columns that a key of `loc` or `iloc` names; all where it names none."""
    if not isinstance(key, tuple) or len(key) != 2:
        return list(frame.columns)
    wanted = key[1]
    if by_place:
        return list(np.atleast_1d(frame.columns[wanted]))
    return [wanted] if wanted in frame.columns else list(frame.loc[:, wanted].columns)


def widened(column: pd.Series, value: Any) -> pd.Series:
    """The column with room for a value: floats for numbers among numbers, else anything."""
    is_number = np.asarray(value).dtype.kind in "fiub" and pd.api.types.is_numeric_dtype(column.dtype)
    return column.astype(float if is_number else object)
