"""What PostgreSQL holds of what others send: no null characters and no halves of characters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


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
