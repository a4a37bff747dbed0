"""What an alert would have done: the same rules and states over the stored past of a plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from alerts.rules.shapes import Config
from billing.terms import Terms

DAYS = 30


@dataclass(frozen=True, slots=True)
class Preview:
    """When it would have fired, and the value's course with gaps as None, thinned to what a chart shows.

    `history_from` is the first moment that was looked at; None where the feed has nothing.
    """

    times: list[datetime]
    series: list[tuple[datetime, float | None]]
    threshold: float
    unit: str
    history_from: datetime | None


def preview(config: Config, terms: Terms, *, days: int = DAYS, at: datetime | None = None) -> Preview:
    """Replay the last days at the plan's poll interval, as far back as the plan's history goes."""
    raise NotImplementedError
