"""Usage as the charts want it: every bucket there, oldest first, hours and days as the reader's clock has them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db.models import F, QuerySet, Sum
from django.db.models.functions import TruncDay
from django.utils import timezone

from gateway.models import Usage
from gateway.portal.charts import Chart, Point, build_chart

HOURS = 24
DAYS = 30


def hourly_chart(rows: QuerySet[Usage], now: datetime) -> Chart:
    """The last 24 hours, the current one included.

    Counted in UTC, where every hour is one hour, and labelled in the reader's zone, where one may come twice a year.
    """
    last = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    starts = [last - timedelta(hours=back) for back in range(HOURS - 1, -1, -1)]
    counts = _counts(rows.filter(hour__gte=starts[0]), F("hour"))
    points = [_point(start, f"{timezone.localtime(start):%H:%M}", counts) for start in starts]
    return build_chart("hours", "Requests in the last 24 hours", "Hour", points)


def daily_chart(rows: QuerySet[Usage], now: datetime) -> Chart:
    """The last 30 days, today included."""
    today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    starts = [_midnight(today - timedelta(days=back)) for back in range(DAYS - 1, -1, -1)]
    counts = _counts(rows.filter(hour__gte=starts[0]), TruncDay("hour"))
    points = [_point(start, f"{start.day} {start:%b}", counts) for start in starts]
    return build_chart("days", "Requests in the last 30 days", "Day", points)


@dataclass(slots=True)
class Tally:
    """Requests of one bucket by what became of them."""

    good: int = 0
    refused: int = 0
    failed: int = 0

    def add(self, status_class: int, requests: int) -> None:
        if status_class <= 3:
            self.good += requests
        elif status_class == 4:
            self.refused += requests
        else:
            self.failed += requests

    @property
    def total(self) -> int:
        return self.good + self.refused + self.failed


@dataclass(slots=True)
class Tallies:
    """Tallies by moment; a moment without requests has an empty one."""

    by_start: dict[datetime, Tally] = field(default_factory=lambda: defaultdict(Tally))

    def read(self, rows: Iterable[tuple[datetime, int, int]]) -> Tallies:
        for start, status_class, requests in rows:
            self.by_start[start].add(status_class, requests)
        return self


def _counts(rows: QuerySet[Usage], bucket: F | TruncDay) -> Tallies:
    found = rows.order_by().annotate(bucket=bucket).values_list("bucket", "status_class").annotate(n=Sum("requests"))
    return Tallies().read(found)


def _point(start: datetime, label: str, counts: Tallies) -> Point:
    tally = counts.by_start.get(start, Tally())
    return Point(start, label, tally.good, tally.refused, tally.failed)


def _midnight(moment: datetime) -> datetime:
    """Local midnight of a day, with the offset that holds on that day."""
    return moment.replace(hour=0, fold=0)
