"""Attributes set for a while."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

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
