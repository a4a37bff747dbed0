"""Time as the product means it: aware, in UTC, and never read twice for one decision."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, aware and in UTC."""
    return datetime.now(UTC)


def epoch_ms(moment: datetime) -> int:
    """Milliseconds since 1970-01-01T00:00:00Z, rounded down."""
    return int(moment.timestamp() * 1000)


def from_epoch_ms(milliseconds: int) -> datetime:
    """The aware UTC moment of a count of milliseconds since 1970."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
