"""`Strategy.I` for indicators whose result has another shape than backtesting.py takes."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from backtesting import Strategy

from backtests.engine.inside.script.failures import ScriptFailed
from backtests.engine.inside.script.notes import Notes

# Of other charting libraries; they change nothing but the look.
_LOOKS = ("panel", "style", "legend", "label", "width", "linewidth", "line_width", "axis", "pane", "subplot", "title")


_KINDS = "gives values of different kinds; they were made numbers"
_SEVERAL = "gives several lines of different kinds; they were made alike"


class _NotShaped(Exception):
    """A result that no adaptation makes one value a bar of."""


def changes(notes: Notes) -> Iterator[tuple[Any, str, Any]]:
    yield Strategy, "I", _indicator(Strategy.I, notes)


def _indicator(real: Callable[..., Any], notes: Notes) -> Callable[..., Any]:
    def indicate(self: Strategy, func: Any, *given: Any, **named: Any) -> Any:
        if not callable(func):
            notes.add("self.I() was given values in place of a function; they were taken as they are.")
            named.setdefault("name", str(getattr(func, "name", "") or "indicator"))
            func = functools.partial(_same, func)
        kept: list[Any] = []
        watched = _watched(func, kept)
        try:
            return _told_apart(real(self, watched, *given, **named), notes)
        except (ValueError, TypeError, AttributeError) as error:
            # Only what backtesting.py says of the result: the function itself fails as RuntimeError.
            return _shaped(real, self, func, kept, given, named, notes, error)
        except RuntimeError as error:
            fewer = {name: value for name, value in named.items() if name not in _LOOKS}
            if len(fewer) == len(named) or not isinstance(error.__cause__, TypeError):
                raise
            notes.add("Arguments of self.I() that only change a chart were left out.")
            return indicate(self, func, *given, **fewer)

    return indicate


def _told_apart(indicator: Any, notes: Notes) -> Any:
    """Words in place of numbers are kept, as something that has no warm-up: backtesting.py would count it in floats."""
    if indicator.dtype.kind in "US":
        notes.add("An indicator of words in place of numbers was kept as it is; it has no warm-up.")
        indicator._opts["scatter"] = True
    return indicator


def _same(values: Any) -> Any:
    return values


def _watched(func: Callable[..., Any], kept: list[Any]) -> Callable[..., Any]:
    """The function, with its result kept: it is not computed twice."""

    def compute(*given: Any, **named: Any) -> Any:
        kept[:] = [func(*given, **named)]
        return kept[0]

    # For the name of the indicator, as backtesting.py makes it.
    compute.__name__ = getattr(func, "__name__", type(func).__name__)
    return compute


def _shaped(
    real: Callable[..., Any],
    strategy: Strategy,
    func: Any,
    kept: list[Any],
    given: tuple[Any, ...],
    named: Mapping[str, Any],
    notes: Notes,
    error: Exception,
) -> Any:
    if not kept:
        raise error
    name = getattr(func, "__name__", type(func).__name__)
    try:
        values, changed = fitted(kept[0], strategy._data.index)
    except _NotShaped as problem:
        raise ScriptFailed("runtime", f"The indicator {name} {problem}; it has to give one value a bar.") from error
    if not changed:
        raise error
    notes.add(f"The indicator {name} {changed}.")
    named = {key: value for key, value in named.items() if key != "name" or _fits(value, values)}
    return real(strategy, _watched(lambda *_, **__: values, []), *given, **{"name": name, **named})


def _fits(name: Any, values: np.ndarray) -> bool:
    return isinstance(name, str) or bool(len(name) == np.atleast_2d(values).shape[0])


def fitted(result: Any, index: pd.Index) -> tuple[np.ndarray, str]:
    """One row of floats a line, one value a bar; and what was done for it, "" when nothing."""
    if result is None:
        raise _NotShaped("gives nothing (None)")
    said = ""
    if isinstance(result, dict):
        result, said = list(result.values()), "gives its lines by name; they were taken in their order"
    if isinstance(result, pd.DataFrame):
        result = [result[name] for name in result]
    lines = list(result) if _is_several(result, len(index)) else [result]
    if not lines:
        raise _NotShaped("gives an empty list")
    rows, done = zip(*(_row(line, index) for line in lines), strict=True)
    said = said or next((text for text in done if text), _KINDS if len(rows) == 1 else _SEVERAL)
    return (rows[0] if len(rows) == 1 else np.vstack(rows)), said


def _is_several(result: Any, bars: int) -> bool:
    """A tuple or list of lines, or an array with more than one dimension."""
    if isinstance(result, np.ndarray) and result.ndim == 2:
        return bool(result.shape[0] != bars)
    return isinstance(result, tuple | list) and len(result) > 0 and np.ndim(result[0]) > 0


def _row(line: Any, index: pd.Index) -> tuple[np.ndarray, str]:
    if isinstance(line, pd.Series) and len(line) != len(index) and isinstance(line.index, pd.DatetimeIndex):
        return _numbers(line[~line.index.duplicated()].reindex(index)), "misses bars; they were left empty"
    values = _numbers(line)
    if values.ndim == 2 and values.shape[0] == len(index):
        values = values.T
    if values.ndim == 0:
        return np.full(len(index), float(values)), "is one number; it was taken for every bar"
    values = values.ravel() if values.ndim > 1 and 1 in values.shape else values
    if values.ndim > 1:
        raise _NotShaped("gives a table of the wrong length")
    if len(values) < len(index):
        padded = np.concatenate([np.full(len(index) - len(values), np.nan), values])
        return padded, "gives fewer values than there are bars; the first bars were left empty"
    if len(values) > len(index):
        return values[-len(index) :], "gives more values than there are bars; the first were dropped"
    return values, ""


def _numbers(line: Any) -> np.ndarray:
    try:
        return np.asarray(line, dtype=float)
    except (TypeError, ValueError):
        values = pd.to_numeric(pd.Series(list(line)) if not isinstance(line, pd.Series) else line, errors="coerce")
        if values.isna().all():
            raise _NotShaped("gives text in place of numbers") from None
        return values.to_numpy(dtype=float)
