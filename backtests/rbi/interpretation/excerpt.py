"""Of a page the sentences that state rules. What stands around them is prose and no part of the strategy."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from backtests.rbi.interpretation.deciding import LONGEST, states_rules
from backtests.rbi.interpretation.shapes import Draft

ENDS = re.compile(r"(?<=[.!?])\s+(?=[A-Z])|\n+")
MOST_SENTENCES = 300
# Sentences after a rule in which people add its stop or target.
BEHIND = 4


def rules_in(text: str, draft: Callable[[str], Draft]) -> str:
    """The sentences of a page that state rules, and those behind them that add to what `draft` reads of them.

    Empty when no sentence states a rule.
    """
    found, behind = "", 0
    for sentence in _sentences(text):
        together = f"{found} {sentence}".strip()
        if len(together) > LONGEST:
            break
        if states_rules(sentence):
            found, behind = together, BEHIND
        elif behind:
            found, behind = (together, BEHIND) if _adds(found, together, draft) else (found, behind - 1)
    return found


def _sentences(text: str) -> Iterator[str]:
    for piece in ENDS.split(text)[:MOST_SENTENCES]:
        if sentence := piece.strip():
            yield sentence if sentence[-1] in ".!?" else f"{sentence}."


def _adds(before: str, together: str, draft: Callable[[str], Draft]) -> bool:
    """Whether the longer text is understood whole and says more."""
    longer = draft(together)
    if longer.specification is None or longer.path != "stated rules" or longer.not_understood:
        return False
    return longer.specification != draft(before).specification
