"""What the portal, the staff site and the API show of usage. Reads folded rows only, which are about 3 s behind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from django.db.models import Q, Sum
from django.db.models.functions import TruncDay, TruncHour

from gateway.models import Usage
from gateway.models.usage import UsageQuerySet
from moondev.lib.clock import now

Step = Literal["hour", "day"]
STEPS: dict[Step, timedelta] = {"hour": timedelta(hours=1), "day": timedelta(days=1)}
SUCCEEDED = Sum("requests", filter=Q(status_class__in=(2, 3)), default=0)
REFUSED = Sum("requests", filter=Q(status_class=4), default=0)
FAILED = Sum("requests", filter=Q(status_class=5), default=0)


@dataclass(frozen=True, slots=True)
class Tally:
    """Requests of some kind: all of them, and by outcome (2xx and 3xx, 4xx, 5xx)."""

    requests: int = 0
    succeeded: int = 0
    refused: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Point:
    """The tally of the hour or day (UTC) that begins at `at`."""

    at: datetime
    tally: Tally


@dataclass(frozen=True, slots=True)
class Line:
    """The tally of one endpoint on one day."""

    date: date
    endpoint: str
    tally: Tally


def totals(workspace_id: int, since: datetime, key_id: int | None = None) -> Tally:
    """All requests of a workspace, or of one key, since the hour that `since` lies in."""
    return _tally(_rows(workspace_id, since, key_id).aggregate(**_sums()))


def series(workspace_id: int, since: datetime, step: Step = "hour", key_id: int | None = None) -> list[Point]:
    """One point an hour or day from `since` until now, oldest first; nothing is left out where nothing happened."""
    trunc = TruncHour if step == "hour" else TruncDay
    counted = _rows(workspace_id, _start(since, step), key_id).annotate(at=trunc("hour", tzinfo=UTC))
    tallies = {row["at"]: _tally(row) for row in counted.order_by().values("at").annotate(**_sums())}
    return [Point(at, tallies.get(at, Tally())) for at in _moments(_start(since, step), step)]


def by_key(workspace_id: int, since: datetime) -> dict[int, Tally]:
    """The tally of each key of a workspace; under 0 that of its people's sessions."""
    rows = _rows(workspace_id, since, None).order_by().values("key_id").annotate(**_sums())
    return {row["key_id"]: _tally(row) for row in rows}


def by_endpoint(workspace_id: int, since: datetime, key_id: int | None = None) -> dict[str, Tally]:
    """The tally of each endpoint, the busiest first."""
    rows = _rows(workspace_id, since, key_id).order_by().values("endpoint").annotate(**_sums())
    return {row["endpoint"]: _tally(row) for row in sorted(rows, key=lambda row: (-row["all"], row["endpoint"]))}


def by_day_and_endpoint(
    workspace_id: int, since: datetime, key_id: int, *, limit: int, after: tuple[date, str] | None = None
) -> list[Line]:
    """At most `limit` lines of one key, the newest day first, those behind `after` only."""
    rows = _rows(workspace_id, since, key_id).annotate(day=TruncDay("hour", tzinfo=UTC))
    if after:
        day = datetime(after[0].year, after[0].month, after[0].day, tzinfo=UTC)
        rows = rows.filter(Q(day__lt=day) | Q(day=day, endpoint__gt=after[1]))
    lines = rows.values("day", "endpoint").annotate(**_sums()).order_by("-day", "endpoint")[:limit]
    return [Line(row["day"].date(), row["endpoint"], _tally(row)) for row in lines]


def of_day(
    day: date, workspace_id: int | None, *, limit: int, after: tuple[int, int, str] | None = None
) -> list[dict[str, Any]]:
    """One day's requests by workspace, key and endpoint; of every workspace when `workspace_id` is None.

    Each row has workspace_id, key_id, endpoint and `tally`, ordered by the first three; those behind `after` only.
    """
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    rows = Usage.objects.filter(hour__gte=start, hour__lt=start + STEPS["day"])
    if workspace_id is not None:
        rows = rows.for_workspace(workspace_id)
    if after:
        workspace, key, endpoint = after
        rows = rows.filter(
            Q(workspace_id__gt=workspace)
            | Q(workspace_id=workspace, key_id__gt=key)
            | Q(workspace_id=workspace, key_id=key, endpoint__gt=endpoint)
        )
    names = ("workspace_id", "key_id", "endpoint")
    found = rows.values(*names).annotate(**_sums()).order_by(*names)[:limit]
    return [{**{name: row[name] for name in names}, "tally": _tally(row)} for row in found]


def _rows(workspace_id: int, since: datetime, key_id: int | None) -> UsageQuerySet:
    rows = Usage.objects.for_workspace(workspace_id).since(_start(since, "hour"))
    return rows if key_id is None else rows.filter(key_id=key_id)


def _sums() -> dict[str, Sum]:
    return {"all": Sum("requests", default=0), "succeeded": SUCCEEDED, "refused": REFUSED, "failed": FAILED}


def _tally(row: dict[str, Any]) -> Tally:
    return Tally(int(row["all"]), int(row["succeeded"]), int(row["refused"]), int(row["failed"]))


def _start(moment: datetime, step: Step) -> datetime:
    at = moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return at if step == "hour" else at.replace(hour=0)


def _moments(start: datetime, step: Step) -> Iterator[datetime]:
    end = now()
    while start <= end:
        yield start
        start += STEPS[step]
