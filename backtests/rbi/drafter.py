"""From words to a strategy: stated rules through the grammar, vague ideas through the library of blueprints.

`draft` is the one entry of pipeline, portal and API. It says which way it took, what every word became, what was
assumed and what was not understood; `apply_edits` sets parameters to what a form or a client asks for.
"""

from __future__ import annotations

from collections.abc import Collection

from backtests.rbi.blueprints import COLUMNS
from backtests.rbi.interpretation.deciding import leaves_out_a_rule
from backtests.rbi.interpretation.editing import apply_edits
from backtests.rbi.interpretation.shapes import Assumption, Draft, Piece, Unknown
from backtests.rbi.interpretation.stating import draft_only_stated, draft_stated
from backtests.rbi.interpretation.vague import draft_vague

__all__ = ["Assumption", "Draft", "Piece", "Unknown", "apply_edits", "draft"]

# Characters that are read; a longer text is a page and not an idea.
LONGEST = 4000


def draft(text: str, *, columns: Collection[str] = COLUMNS) -> Draft:
    """`columns` are those of the data sets: an idea about others gets a stand-in, and says so."""
    text = text[:LONGEST]
    stated = draft_stated(text, columns)
    if stated is not None:
        return stated
    vague = draft_vague(text, columns)
    return draft_only_stated(text, columns) if leaves_out_a_rule(text, vague) else vague
