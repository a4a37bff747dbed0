"""Names that scripts import from backtesting and backtesting.lib, and that are not there."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from typing import Any

import backtesting
import pandas as pd
from backtesting import lib

from backtests.engine.inside.script.failures import UnknownIndicator
from backtests.engine.inside.script.notes import Notes


def crossunder(series1: Any, series2: Any) -> bool:
    """The first just crossed below the second."""
    return bool(lib.crossover(series2, series1))


def _sma(values: Any, n: int = 20) -> pd.Series:
    return pd.Series(values).rolling(int(n)).mean()


def _ema(values: Any, n: int = 20) -> pd.Series:
    return pd.Series(values).ewm(span=n, adjust=False).mean()


def _highest(values: Any, n: int = 20) -> pd.Series:
    return pd.Series(values).rolling(int(n)).max()


def _lowest(values: Any, n: int = 20) -> pd.Series:
    return pd.Series(values).rolling(int(n)).min()


_OURS: dict[str, Callable[..., Any]] = {
    **dict.fromkeys(
        ("crossunder", "cross_under", "crossed_below", "cross_below", "crossbelow", "crossdown"), crossunder
    ),
    **dict.fromkeys(("cross_over", "crossed_above", "cross_above", "crossabove", "crossup"), lib.crossover),
    "SMA": _sma,
    "sma": _sma,
    "EMA": _ema,
    "ema": _ema,
    "highest": _highest,
    "lowest": _lowest,
}


def changes(notes: Notes) -> Iterator[tuple[Any, str, Any]]:
    yield lib, "__getattr__", _missing("backtesting.lib", notes)
    yield backtesting, "__getattr__", _missing("backtesting", notes)


def _missing(place: str, notes: Notes) -> Callable[[str], Any]:
    def get(name: str) -> Any:
        if name.startswith("_") or name == "test":
            raise AttributeError(name)
        if name in _OURS:
            notes.add(f"{place} has no {name}; ours was used.")
            return _OURS[name]
        if place == "backtesting" and name in vars(lib):
            notes.add(f"{name} is in backtesting.lib; it was taken from there.")
            return getattr(lib, name)
        raise UnknownIndicator(unknown(place, name))

    return get


def unknown(place: str, name: str) -> str:
    """One sentence on a name that backtesting.py does not have."""
    near = difflib.get_close_matches(name, [*lib.__all__, *_OURS], 1, 0.5)
    return f"{place} has no {name}." + (f" The nearest is {near[0]}." if near else "")
