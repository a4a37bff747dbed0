"""Short names of spans of time that pandas 3 writes otherwise: H, T, S, M, Q, Y."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pandas as pd

from backtests.engine.inside.script.notes import Notes
from backtests.engine.inside.script.words import pairs

_NOW = pairs(
    "H:h T:min S:s L:ms U:us N:ns BH:bh M:ME Q:QE Y:YE A:YE BM:BME BQ:BQE BY:BYE BA:BYE SM:SME m:min d:D w:W hour:h",
    "hours:h minute:min minutes:min mins:min MIN:min Min:min day:D days:D HOUR:h DAY:D",
)
_RULE = re.compile(r"^(-?\d*)\s*([A-Za-z]+)(-[A-Z]{3})?$")


def modern(rule: Any) -> Any:
    """A rule as pandas 3 writes it; other values as they are."""
    found = _RULE.match(rule) if isinstance(rule, str) else None
    if not found or found.group(2) not in _NOW:
        return rule
    return f"{found.group(1)}{_NOW[found.group(2)]}{found.group(3) or ''}"


def changes(notes: Notes) -> Iterator[tuple[Any, str, Any]]:
    for kind in (pd.DataFrame, pd.Series):
        for name in ("resample", "asfreq", "rolling", "shift"):
            yield kind, name, _retried(getattr(kind, name), notes, method=True)
    for name in ("floor", "ceil", "round", "to_period"):
        yield pd.DatetimeIndex, name, _retried(getattr(pd.DatetimeIndex, name), notes, method=True)
        if hasattr(pd.Timestamp, name) and name != "to_period":
            accessor = type(pd.Series(pd.DatetimeIndex(["2024"])).dt)
            yield accessor, name, _retried(getattr(accessor, name), notes, method=True)
    for name in ("date_range", "to_timedelta"):
        yield pd, name, _retried(getattr(pd, name), notes)
    yield pd.Grouper, "__init__", _retried(pd.Grouper.__init__, notes, method=True)


def _retried(real: Callable[..., Any], notes: Notes, *, method: bool = False) -> Callable[..., Any]:
    """Once more with modern rules where the rules as they are are refused."""

    def call(*given: Any, **named: Any) -> Any:
        named = _still_known(named, real)
        try:
            return real(*given, **named)
        except (ValueError, TypeError) as error:
            # A method's first argument is the object itself.
            mended = [*given[:method], *map(modern, given[method:])]
            renamed = {name: modern(value) for name, value in named.items()}
            if not _is_about_rules(error) or _texts(mended, renamed) == _texts(given, named):
                raise
            notes.add("pandas 3 writes spans of time otherwise (h for H, min for T, ME for M); they were rewritten.")
            return real(*mended, **renamed)

    return call


def _texts(given: Sequence[Any], named: dict[str, Any]) -> list[str]:
    return [value for value in (*given, *named.values()) if isinstance(value, str)]


def _still_known(named: dict[str, Any], real: Callable[..., Any]) -> dict[str, Any]:
    gone = ("base", "loffset", "kind", "convention") if getattr(real, "__name__", "") == "resample" else ()
    return {name: value for name, value in named.items() if name not in gone}


def _is_about_rules(error: Exception) -> bool:
    return any(
        words in str(error) for words in ("Invalid frequency", "invalid unit", "no longer supported", "passed window")
    )
