"""Adaptations of libraries, one module each. What a library does of itself comes first; they help where that fails."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from backtests.engine.inside.script.notes import Notes
from backtests.engine.inside.script.patches import (
    account,
    arrays,
    frequencies,
    indicators,
    library,
    numbers,
    orders,
    pandas_indicators,
    setting,
    ta_lib,
    tables,
)

Change = tuple[Any, str, Any]


def changes(notes: Notes) -> Iterator[Change]:
    """What to replace, as (object, attribute, replacement)."""
    for module in (
        numbers,
        tables,
        setting,
        frequencies,
        arrays,
        indicators,
        orders,
        account,
        ta_lib,
        pandas_indicators,
        library,
    ):
        yield from module.changes(notes)
