"""Attempts to run one script, each with the data in another layout, until one ends with a backtest."""

from __future__ import annotations

import ast
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress

from backtests.engine.inside.script.data.layout import Layout
from backtests.engine.inside.script.data.supply import Supply
from backtests.engine.inside.script.failures import ScriptFailed
from backtests.engine.inside.script.finishing import finish
from backtests.engine.inside.script.frames import NotOurs
from backtests.engine.inside.script.rewriting import definitions_of
from backtests.engine.inside.script.session import Session
from backtests.engine.inside.script.surroundings import Held, around, held_output, place_of

FILE = "script.py"
# After so long no further layout is tried: the script does more than read its data.
_PATIENCE_SEC = 6.0
# What a file of another shape may mend.
_OF_SHAPE = (KeyError, ValueError, IndexError, AttributeError, TypeError, ScriptFailed)
_LEFT_OUT = "The part of the script that prepares its data failed ({error}) and was left out."


class Attempts:
    """`made` gives the session of the first attempt that works, with all that it patched left in place."""

    def __init__(self, tree: ast.Module, layouts: Sequence[Layout], begin: Callable[[], Session]) -> None:
        self._tree = tree
        self._layouts = layouts
        self._begin = begin
        self._failures: list[Exception] = []
        self._held: Held | None = None
        self._has_run = False

    def made(self) -> Session:
        """Whole scripts first, one layout after the other; then with the data set in place of made-up prices.

        At last without what prepares the data. Raises what the first attempt did.
        """
        session = self._through_layouts()
        if session is None and any(isinstance(failure, NotOurs) for failure in self._failures):
            session = self._attempt(self._tree, self._layouts[0], strict=False)
        if session is None and not self._has_run and not isinstance(self._failures[0], ScriptFailed):
            session = self._attempt(definitions_of(self._tree), self._layouts[0], strict=False)
            if session is not None:
                session.notes.add(_LEFT_OUT.format(error=type(self._failures[0]).__name__))
        if session is None:
            if self._held is not None:
                self._held.release()
            raise self._failures[0]
        return session

    def _through_layouts(self) -> Session | None:
        started = time.monotonic()
        for layout in self._layouts:
            session = self._attempt(self._tree, layout, strict=True)
            if session is not None:
                return session
            if not isinstance(self._failures[-1], _OF_SHAPE) or time.monotonic() - started > _PATIENCE_SEC:
                break
        return None

    def _attempt(self, tree: ast.Module, layout: Layout, *, strict: bool) -> Session | None:
        """One execution. None when it failed, with the failure kept and everything put back."""
        session = self._begin()
        session.strict = strict
        before, stack = dict(session.notes.counts), ExitStack()
        supply = Supply(session.frame, session.notes, layout)
        with held_output() as held:
            session.begun, session.is_supplied = held.release, lambda: supply.used
            try:
                around(stack, session, supply)
                _execute(tree, session, supply)
                held.release()
            except Exception as error:
                stack.close()
                session.notes.counts = before
                self._failed(error, session, held, is_used=supply.used)
                return None
        session.notes.stack.callback(stack.close)
        return session

    def _failed(self, error: Exception, session: Session, held: Held, *, is_used: bool) -> None:
        self._failures.append(error)
        self._held = self._held or held
        self._has_run |= session.trials > 0
        # Where nothing was read, or a strategy ran into something else than a missing name, no layout helps.
        in_a_run = session.trials > 0 and not isinstance(error, KeyError | AttributeError)
        if (not is_used and not isinstance(error, NotOurs)) or in_a_run:
            self._layouts = [self._layouts[0]]


def _execute(tree: ast.Module, session: Session, supply: Supply) -> None:
    """Run the script and what it leaves to be done. What it does after its backtest may fail."""
    place = place_of(supply)
    try:
        with suppress(SystemExit):
            exec(compile(tree, FILE, "exec"), place)  # noqa: S102
    except Exception as error:
        if session.last is None:
            raise
        session.notes.add(f"After its backtest the script stopped with {type(error).__name__}; the result stands.")
    finish(tree, place, session)
