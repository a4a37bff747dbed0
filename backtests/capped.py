"""What others made, fit for a row: PostgreSQL holds no null characters and no halves of characters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# What is longer is kept in its own place: a strategy's code, a run's files.
LONGEST_TEXT, LONGEST_LIST = 20_000, 200
CUT = " … cut off here"


def storable(text: str) -> str:
    """The text without what PostgreSQL refuses."""
    return text.replace("\x00", "?").encode("utf-8", "replace").decode()


def is_storable(value: Any) -> bool:
    """Whether PostgreSQL takes a JSON value as it is."""
    if isinstance(value, str):
        return storable(value) == value
    if isinstance(value, Mapping):
        return all(is_storable(name) and is_storable(item) for name, item in value.items())
    return all(map(is_storable, value)) if isinstance(value, list | tuple) else True


def capped(value: Any) -> Any:
    """JSON with long texts and lists cut, so that no row grows without end."""
    if isinstance(value, str):
        text = storable(value)
        return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + CUT
    if isinstance(value, Mapping):
        return {storable(str(name)): capped(item) for name, item in list(value.items())[:LONGEST_LIST]}
    if isinstance(value, list | tuple):
        return [capped(item) for item in value[:LONGEST_LIST]]
    return value
