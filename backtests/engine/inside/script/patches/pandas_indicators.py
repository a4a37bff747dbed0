"""pandas_ta: it answers None to arrays, and does not say so."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

import numpy as np
import pandas as pd
import pandas_ta
from backtesting._util import _Array

from backtests.engine.inside.script.failures import ScriptFailed, UnknownIndicator
from backtests.engine.inside.script.notes import Notes

FUNCTIONS = tuple(
    name for name in dir(pandas_ta) if isinstance(getattr(pandas_ta, name), FunctionType) and not name.startswith("_")
)


def changes(notes: Notes) -> Iterator[tuple[Any, str, Any]]:
    for name in FUNCTIONS:
        yield pandas_ta, name, _of_series(getattr(pandas_ta, name), name, notes)
    yield pandas_ta, "__getattr__", _missing(notes)


def _of_series(real: Callable[..., Any], name: str, notes: Notes) -> Callable[..., Any]:
    @functools.wraps(real)
    def call(*given: Any, **named: Any) -> Any:
        arrays = [value for value in (*given, *named.values()) if isinstance(value, np.ndarray)]
        if not arrays:
            return real(*given, **named)
        notes.add("pandas_ta takes Series; backtesting.py's arrays were passed to it as such.")
        result = real(*map(_series, given), **{key: _series(value) for key, value in named.items()})
        if result is None:
            raise ScriptFailed("runtime", f"pandas_ta.{name} gives nothing: there are fewer bars than it needs.")
        return result

    return call


def _series(value: Any) -> Any:
    if isinstance(value, _Array) and value.ndim == 1 and "index" in value._opts:
        return value.s.astype(float)
    return pd.Series(value, dtype=float) if isinstance(value, np.ndarray) and value.ndim == 1 else value


def _missing(notes: Notes) -> Callable[[str], Any]:
    def get(name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name.lower() in FUNCTIONS:
            notes.add(f"pandas_ta calls {name} {name.lower()}; that was used.")
            return getattr(pandas_ta, name.lower())
        raise UnknownIndicator(unknown(name))

    return get


def unknown(name: str) -> str:
    """One sentence on a function that pandas_ta does not have."""
    near = difflib.get_close_matches(name.lower(), FUNCTIONS, 1, 0.5)
    return f"pandas_ta has no function {name}." + (f" The nearest is {near[0]}." if near else "")
