"""Billing periods: months and years keep the day of their anchor, and a short month ends them early."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime

from billing.sandbox.store import Object

SECONDS = {"day": 86_400, "week": 7 * 86_400}
MONTHS = {"month": 1, "year": 12}


def period_end(anchor: int, start: int, recurring: Object) -> int:
    """The end of the period that begins at `start`, in seconds; `anchor` is where the first one began.

    `recurring` holds interval and interval_count, as a price does.
    """
    interval = recurring["interval"]
    length = recurring["interval_count"]
    if interval in SECONDS:
        step: int = SECONDS[interval] * length
        return anchor + ((start - anchor) // step + 1) * step
    months = MONTHS[interval] * length
    number = max(1, (start - anchor) // (months * 31 * 86_400))
    while later(anchor, months * number) <= start:
        number += 1
    return later(anchor, months * number)


def later(moment: int, months: int) -> int:
    """The same day and time some months on; the month's last day where it is too short."""
    at = datetime.fromtimestamp(moment, UTC)
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    day = min(at.day, calendar.monthrange(year, month + 1)[1])
    return int(at.replace(year=year, month=month + 1, day=day).timestamp())


def part_of(amount: int, seconds: int, whole: int) -> int:
    """The share of an amount that some seconds of a period cost, rounded half away from zero."""
    sign = -1 if amount < 0 else 1
    return sign * ((2 * abs(amount) * seconds + whole) // (2 * whole))


def day(moment: int) -> str:
    """As Stripe writes a day into the lines of an invoice."""
    at = datetime.fromtimestamp(moment, UTC)
    return f"{at.day} {at:%b %Y}"
