"""Cells of a CSV that a spreadsheet will open: text stays text."""

from __future__ import annotations

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def defuse(cell: object) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe goes before text that begins like one.

    Numbers pass as they are, a negative one included.
    """
    text = str(cell)
    if isinstance(cell, int | float) or not text.startswith(FORMULA_STARTS):
        return text
    return f"'{text}"
