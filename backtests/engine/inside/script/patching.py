"""All adaptations in place while a script runs, and gone after it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from backtests.engine.inside.script import patches
from backtests.engine.inside.script.notes import Notes
from backtests.engine.inside.script.putting import put


@contextmanager
def adapted() -> Iterator[Notes]:
    """Patch backtesting, pandas, numpy and the indicator libraries so that older scripts run."""
    with ExitStack() as stack:
        notes = Notes(stack=stack)
        for place, name, value in patches.changes(notes):
            put(stack, place, name, value)
        yield notes
