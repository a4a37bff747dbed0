"""The world around a script while it runs: its builtins, its arguments, its output."""

from __future__ import annotations

import argparse
import builtins
import io
import logging
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from typing import Any, TextIO

import backtesting
import backtesting.backtesting
import backtesting.lib

from backtests.engine.inside.script import dates
from backtests.engine.inside.script.backtests import backtest_class, many_class
from backtests.engine.inside.script.data import readers
from backtests.engine.inside.script.data.paths import nothing, opener
from backtests.engine.inside.script.data.supply import Supply
from backtests.engine.inside.script.modules import drawing, stand_ins
from backtests.engine.inside.script.putting import put
from backtests.engine.inside.script.rewriting import SETTER, setter
from backtests.engine.inside.script.session import Session
from backtests.engine.inside.script.strategies import MODULE
from backtests.engine.inside.script.stubs import Anything

_MOST_HELD = 256 * 1024


class Held(io.TextIOBase):
    """Output that is kept back until it is known that this attempt at running the script is the one that counts."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._kept: list[str] | None = []
        self._size = 0

    def write(self, text: str) -> int:
        if self._kept is None:
            return self._out.write(text)
        self._size += len(text)
        if self._size < _MOST_HELD:
            self._kept.append(text)
        return len(text)

    def writable(self) -> bool:
        return True

    def flush(self) -> None:
        if self._kept is None:
            self._out.flush()

    def release(self) -> None:
        """Write what was kept, and all that follows at once."""
        kept, self._kept = self._kept, None
        self._out.write("".join(kept or []))


def around(stack: ExitStack, session: Session, supply: Supply) -> None:
    """Lead what the script reads and runs to the session, for as long as the stack is open."""
    for place, name, value in readers.changes(supply):
        put(stack, place, name, value)
    for kind, name, value in drawing():
        put(stack, kind, name, value)
    for name, module in stand_ins(supply).items():
        _install(stack, name, module)
    single, many = backtest_class(session), many_class(session)
    for place, name, value in (
        (backtesting, "Backtest", single),
        (backtesting.backtesting, "Backtest", single),
        (backtesting.lib, "Backtest", single),
        (backtesting.lib, "FractionalBacktest", single),
        (backtesting.lib, "MultiBacktest", many),
        (backtesting.lib, "plot_heatmaps", nothing),
        (sys, "argv", ["script.py"]),
        (sqlite3, "connect", Anything()),
        (logging, "FileHandler", _no_file),
        (time, "sleep", nothing),
        (argparse.ArgumentParser, "parse_known_args", _lenient(argparse.ArgumentParser.parse_known_args)),
    ):
        put(stack, place, name, value)


def _no_file(*_: object, **__: object) -> logging.Handler:
    return logging.NullHandler()


def _install(stack: ExitStack, name: str, module: Any) -> None:
    before = sys.modules.get(name)
    sys.modules[name] = module

    def restore() -> None:
        if before is None:
            sys.modules.pop(name, None)
        else:
            sys.modules[name] = before

    stack.callback(restore)


def _lenient(real: Any) -> Any:
    """Arguments that a command line would have to give get a value that fits their type."""

    def parse(self: argparse.ArgumentParser, *given: Any, **named: Any) -> Any:
        for action in self._actions:
            if action.required:
                action.required = False
                action.default = action.default if action.default is not None else _stand_in(action)
                if not action.option_strings and action.nargs is None:
                    action.nargs = "?"
        return real(self, *given, **named)

    return parse


def _stand_in(action: argparse.Action) -> Any:
    if action.choices:
        return next(iter(action.choices))
    return {int: 1, float: 1.0}.get(action.type, "data.csv")  # type: ignore[call-overload]


def place_of(supply: Supply) -> dict[str, Any]:
    """Globals for a script."""

    def ask(prompt: object = "") -> str:
        supply.notes.add("Nobody is there to answer input(); it was answered with an empty line.")
        return ""

    names = {**vars(builtins), "open": opener(supply), "input": ask, "breakpoint": nothing}
    names |= {SETTER: setter(supply.notes), **dates.functions(supply.notes)}
    return {"__name__": MODULE, "__file__": "script.py", "__builtins__": names}


@contextmanager
def held_output() -> Iterator[Held]:
    """Keep what is printed inside until it is released."""
    held = Held(sys.stdout)
    with redirect_stdout(held):
        yield held
