"""The strategy class of a script, made whole where its author left out what backtesting.py insists on."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from backtesting import Strategy

from backtests.engine.inside.script.failures import ScriptFailed
from backtests.engine.inside.script.notes import Notes

MODULE = "__main__"


def whole(strategy: Any, notes: Notes) -> type[Strategy]:
    """A class that backtesting.py can run. Raises ScriptFailed for what is none."""
    kind: Any = strategy if isinstance(strategy, type) else type(strategy)
    if not issubclass(kind, Strategy):
        raise ScriptFailed("no_strategy", "Backtest() is given no Strategy of backtesting.py.")
    if kind is not strategy:
        notes.add("Backtest() was given the strategy's class in place of an object of it.")
    missing = [name for name in ("init", "next") if getattr(kind, name) is getattr(Strategy, name)]
    if "next" in missing:
        raise ScriptFailed("no_strategy", f"The strategy {kind.__name__} has no method next(self), so it never trades.")
    if missing or kind.__abstractmethods__:
        notes.add("The strategy has no init(self); an empty one was added.")
        kind.init = lambda self: None
        kind.__abstractmethods__ = frozenset()
    _mend_creation(kind, notes)
    found: type[Strategy] = kind
    return found


def _mend_creation(kind: Any, notes: Notes) -> None:
    """An `__init__` that takes nothing runs after backtesting.py's own."""
    own = vars(kind).get("__init__")
    if own is None or _takes(own, 4):
        return
    notes.add("The strategy's __init__ takes no arguments; backtesting.py's own was called before it.")

    def create(self: Strategy, broker: Any, data: Any, params: Any) -> None:
        Strategy.__init__(self, broker, data, params)
        own(self)

    kind.__init__ = create


def _takes(function: Any, count: int) -> bool:
    try:
        inspect.signature(function).bind(*range(count))
    except (TypeError, ValueError):
        return False
    return True


def strategies_of(place: Mapping[str, Any]) -> list[type[Strategy]]:
    """The strategies that a script defines and that none of its others extends, in order."""
    own = [
        value
        for value in dict.fromkeys(value for value in place.values() if isinstance(value, type))
        if issubclass(value, Strategy) and value.__module__ == MODULE
    ]
    return [kind for kind in own if not any(kind is not other and issubclass(other, kind) for other in own)]
