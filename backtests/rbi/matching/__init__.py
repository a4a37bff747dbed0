"""Which blueprints a vague idea speaks of."""

from __future__ import annotations

from backtests.rbi.matching.finding import Match, Sentence, matches

__all__ = ["Match", "Sentence", "match", "matches"]


def match(text: str) -> list[Match]:
    """The blueprints that the text speaks of, best first; empty when it speaks of none."""
    return matches(Sentence.of(text))
