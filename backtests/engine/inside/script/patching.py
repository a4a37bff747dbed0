"""All adaptations in place while a script runs, and gone after it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from backtests.engine.inside.script.notes import Notes

_ABSENT = object()


def put(stack: ExitStack, place: Any, name: str, value: Any) -> None:
    """Set an attribute until the stack is closed."""
    before = vars(place).get(name, _ABSENT)
    setattr(place, name, value)

    def restore() -> None:
        if before is _ABSENT:
            delattr(place, name)
        else:
            setattr(place, name, before)

    stack.callback(restore)


@contextmanager
def adapted() -> Iterator[Notes]:
    """Patch backtesting, pandas, numpy and the indicator libraries so that older scripts run."""
    # Imported here: the patches are built on `put`.
    from backtests.engine.inside.script import patches

    with ExitStack() as stack:
        notes = Notes(stack=stack)
        for place, name, value in patches.changes(notes):
            put(stack, place, name, value)
        yield notes
