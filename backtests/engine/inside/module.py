"""A backtesting.py module from its text to its Strategy class."""

from __future__ import annotations

import linecache
import sys
from types import ModuleType

from backtesting import Strategy

from backtests.engine.inside.script import ScriptFailed

FILE = "strategy.py"
NAME = "strategy"


def load(source: str) -> type[Strategy]:
    """Execute a module and find the strategy in it. Raises ScriptFailed, or whatever the module raises."""
    module = ModuleType(NAME)
    module.__file__ = FILE
    sys.modules[NAME] = module
    # For the lines of a traceback; there is no such file.
    linecache.cache[FILE] = (len(source), None, source.splitlines(keepends=True), FILE)
    exec(compile(source, FILE, "exec"), module.__dict__)  # noqa: S102
    return found(module)


def found(module: ModuleType) -> type[Strategy]:
    """The last strategy of a module that no other one of it extends."""
    own = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Strategy) and value.__module__ == module.__name__
    ]
    leaves = [kind for kind in own if not any(kind is not other and issubclass(other, kind) for other in own)]
    if not leaves:
        raise ScriptFailed("no_strategy", "The code defines no class that extends backtesting.Strategy. Add one.")
    return leaves[-1]
