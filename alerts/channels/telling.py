"""The parts of a notice that every channel shows in its own form."""

from __future__ import annotations

from collections.abc import Iterator

from alerts.channels.clip import clip
from alerts.channels.shapes import Notice

REPEAT = "may be a repeat"


def rows_of(notice: Notice) -> list[tuple[str, str]]:
    """Names and values, those that there are."""
    rows = [("Value", notice.value_said), ("Threshold", notice.threshold_said), ("Symbol", notice.symbol)]
    rows += notice.details
    return [(name, value) for name, value in rows if value]


def footer_of(notice: Notice) -> str:
    """Where it comes from, and by what a repeat is recognised."""
    return " · ".join(_marks(notice))


def block_of(notice: Notice, most: int) -> str:
    """A notice as plain text of several lines, at most `most` characters."""
    rows = "\n".join(f"{name}: {value}" for name, value in rows_of(notice))
    ending = f"\n{rows}\n{notice.url}\n{footer_of(notice)}"
    beginning = f"{clip(notice.title, 200)}\n"
    return beginning + clip(notice.text, max(most - len(beginning) - len(ending), 0)) + ending


def _marks(notice: Notice) -> Iterator[str]:
    yield "Moon Dev"
    if notice.is_simulated:
        yield "simulated data"
    yield notice.delivery_id[:8]
    if notice.may_repeat:
        yield REPEAT
