"""What others made, cut to what a row has room for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moondev.lib.storable import storable

# What is longer is kept in its own place: a strategy's code, a run's files.
LONGEST_TEXT, LONGEST_LIST = 20_000, 200
CUT = " … cut off here"


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
