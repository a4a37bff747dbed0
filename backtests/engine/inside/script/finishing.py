"""The backtest of a script that defines one and does not run it."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from backtesting import Strategy

from backtests.engine.inside.script.failures import ScriptFailed
from backtests.engine.inside.script.session import Session
from backtests.engine.inside.script.strategies import strategies_of

_DATA = ("data", "df", "frame", "dataframe", "ohlcv", "ohlc", "prices", "candles", "price_data", "historical_data")


def finish(tree: ast.Module, place: Mapping[str, Any], session: Session) -> None:
    """Make sure that there is a result. Raises what kept the script's own backtest from ending, or ScriptFailed."""
    if session.last is None and session.error is not None:
        raise session.error
    if session.last is None and not session.made:
        _call_main(tree, place, session)
    if session.last is None and session.made:
        session.notes.add("The script makes a Backtest and does not run it; it was run.")
        session.run(session.made[-1], {})
    if session.last is None:
        _run_strategy(place, session)
    if session.calls > 1:
        name = session.result.strategy.__name__
        session.notes.add(f"The script runs {session.calls} backtests; the result is that of the last, {name}.")


def _run_strategy(place: Mapping[str, Any], session: Session) -> None:
    found = strategies_of(place)
    if not found:
        raise ScriptFailed(
            "no_strategy", "The script defines no class that extends backtesting.Strategy, so there is nothing to run."
        )
    if len(found) > 1:
        session.notes.add(f"The script defines {len(found)} strategies; {found[-1].__name__}, the last, was run.")
    session.notes.add("The script makes no Backtest; it was made with the run's settings.")
    session.run(session.make(session.frame.copy(), found[-1], {}), {})


def _call_main(tree: ast.Module, place: Mapping[str, Any], session: Session) -> None:
    """Call the function that makes the backtest, where the script only defines it."""
    for node in tree.body:
        function = place.get(node.name) if isinstance(node, ast.FunctionDef) else None
        if isinstance(node, ast.FunctionDef) and callable(function) and _makes_backtest(node):
            given = _arguments(function, place, session)
            if given is not None:
                session.notes.add(f"The script never calls its function {node.name}(); it was called.")
                function(**given)
                return


def _makes_backtest(node: ast.FunctionDef) -> bool:
    names = [inner.func for inner in ast.walk(node) if isinstance(inner, ast.Call)]
    return any(getattr(name, "id", getattr(name, "attr", "")).endswith("Backtest") for name in names)


def _arguments(function: Callable[..., Any], place: Mapping[str, Any], session: Session) -> dict[str, Any] | None:
    """Values for the arguments without defaults; None where one cannot be guessed."""
    given: dict[str, Any] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.default is not parameter.empty or parameter.kind in (
            parameter.VAR_KEYWORD,
            parameter.VAR_POSITIONAL,
        ):
            continue
        value = _guess(name, place, session)
        if value is None:
            return None
        given[name] = value
    return given


def _guess(name: str, place: Mapping[str, Any], session: Session) -> Any:
    low = name.lower()
    if low in _DATA:
        return session.frame.copy()
    if "strategy" in low:
        found: list[type[Strategy]] = strategies_of(place)
        return found[-1] if found else None
    if any(word in low for word in ("path", "file", "csv")):
        return "data.csv"
    if any(word in low for word in ("symbol", "ticker")):
        return "DATA"
    return None
