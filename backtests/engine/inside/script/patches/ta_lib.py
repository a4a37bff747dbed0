"""TA-Lib: types of its arguments, and functions that it does not have."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pandas_ta
import talib
import talib.abstract
import talib.stream
from backtesting._util import _Data

from backtests.engine.inside.script.failures import UnknownIndicator
from backtests.engine.inside.script.notes import Notes
from backtests.engine.inside.script.words import pairs

FUNCTIONS: tuple[str, ...] = tuple(talib.get_functions())  # type: ignore[no-untyped-call]
_ALIASES = pairs(
    "STDEV:STDDEV STD:STDDEV HIGHEST:MAX LOWEST:MIN BOLLINGER:BBANDS BB:BBANDS BOLLINGER_BANDS:BBANDS STOCHASTIC:STOCH",
    "STOCHASTICRSI:STOCHRSI MOMENTUM:MOM PSAR:SAR MEAN:SMA VARIANCE:VAR WILLIAMSR:WILLR LINREG:LINEARREG",
    "AVERAGE_TRUE_RANGE:ATR DX_PLUS:PLUS_DI PLUSDI:PLUS_DI MINUSDI:MINUS_DI TR:TRANGE TRUERANGE:TRANGE",
)
_TYPES = "TA-Lib takes arrays of float64 and whole periods; what the script passes was converted."


def changes(notes: Notes) -> Iterator[tuple[Any, str, Any]]:
    for name in FUNCTIONS:
        yield talib, name, _typed(getattr(talib, name), notes)
        if hasattr(talib.stream, name):
            yield talib.stream, name, _typed(getattr(talib.stream, name), notes)
        yield talib.abstract, name, _Abstract(getattr(talib.abstract, name), notes)
    yield talib.abstract, "Function", _factory(notes)
    yield talib, "__getattr__", _missing(notes)


def _typed(real: Callable[..., Any], notes: Notes) -> Callable[..., Any]:
    @functools.wraps(real)
    def call(*given: Any, **named: Any) -> Any:
        try:
            return real(*given, **named)
        except Exception:
            mended = [_mended(value) for value in given]
            renamed = {name: _mended(value) for name, value in named.items()}
            if all(a is b for a, b in zip((*given, *named.values()), (*mended, *renamed.values()), strict=True)):
                raise
            notes.add(_TYPES)
            return real(*mended, **renamed)

    return call


def _mended(value: Any) -> Any:
    """A flat array of float64, a whole number where it is one; other values as they are."""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return int(value)
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, pd.DataFrame) and value.shape[1] == 1:
        return value.iloc[:, 0].astype(float)
    if isinstance(value, pd.Series | pd.Index):
        return value if value.dtype == np.float64 else value.astype(float)
    if isinstance(value, np.ndarray | list | tuple):
        array = np.asarray(value)
        if array.dtype == np.float64 and array.ndim == 1 and isinstance(value, np.ndarray):
            return value
        return np.ascontiguousarray(array.astype(float).ravel())
    return value


class _Abstract:
    """A function of `talib.abstract`, given columns by the names that it wants: open, high, low, close, volume."""

    def __init__(self, real: Any, notes: Notes) -> None:
        self._real = real
        self._notes = notes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def __call__(self, *given: Any, **named: Any) -> Any:
        try:
            return self._real(*given, **named)
        except Exception:
            if not given or not isinstance(given[0], pd.DataFrame | _Data | dict):
                raise
            self._notes.add("talib.abstract takes columns in lower case; they were passed so.")
            return self._real(_lower(given[0]), *given[1:], **named)


def _lower(frame: Any) -> dict[str, np.ndarray]:
    frame = frame.df if isinstance(frame, _Data) else pd.DataFrame(frame)
    numbers = frame.select_dtypes("number")
    return {str(name).lower(): numbers[name].to_numpy(dtype=float) for name in numbers}


def _factory(notes: Notes) -> Callable[[str], _Abstract]:
    real = vars(talib.abstract)["Function"]

    def function(name: str, *given: Any, **named: Any) -> _Abstract:
        if name.upper() not in FUNCTIONS:
            raise UnknownIndicator(unknown(name))
        return _Abstract(real(name, *given, **named), notes)

    return function


def _missing(notes: Notes) -> Callable[[str], Any]:
    def get(name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        known = _ALIASES.get(name.upper(), name.upper())
        if known not in FUNCTIONS:
            raise UnknownIndicator(unknown(name))
        notes.add(f"TA-Lib calls {name} {known}; that was used.")
        return getattr(talib, known)

    return get


def unknown(name: str) -> str:
    """One sentence on a function that TA-Lib does not have."""
    near = difflib.get_close_matches(name.upper(), FUNCTIONS, 1, 0.5)
    words = [f"TA-Lib has no function {name}."]
    if name.lower() in dir(pandas_ta):
        words.append(f"pandas_ta has one: pandas_ta.{name.lower()}.")
    if near:
        words.append(f"The nearest of TA-Lib is {near[0]}.")
    return " ".join(words)
