"""Intake: what was given, and as what it is taken."""

from __future__ import annotations

from backtests.models import Stage
from backtests.rbi.stages.work import Made, Work, step

TAKEN_AS = {
    "words": "words, to be turned into rules",
    "link": "a page, to be read for its idea",
    "code": "a strategy in Python, to be run as it is",
    "specification": "a strategy specification",
}


def intake(work: Work) -> Stage:
    """Keep the idea as it came."""
    idea = work.idea
    given = {"text": idea.text, "edits": idea.edits}
    made = Made({"kind": idea.kind, "taken_as": TAKEN_AS[idea.kind], "characters": len(idea.text)})
    return step(work, "intake", lambda: made, given=given, says=f"Idea {idea.position + 1}: {idea.text[:120]}")
