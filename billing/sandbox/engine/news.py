"""Telling of a change: the event carries what was there before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy

from billing.sandbox.events import changes, emit
from billing.sandbox.store import Object


@contextmanager
def telling(event: str, obj: Object) -> Iterator[Object]:
    """Change an object inside; afterwards `event` is told, unless all is as before."""
    before = deepcopy(obj)
    yield obj
    previous = changes(before, obj)
    if previous:
        emit(event, obj, previous)
