"""What the API shows of usage. Reads folded rows only, which are about three seconds behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

from django.db.models import Q, Sum
from django.db.models.functions import TruncDay

from gateway.models import Usage

# From a day's start to its last hour; the calendar's last day has no next one to stay below.
LAST_HOUR = timedelta(hours=23)
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
class Line:
    """The tally of one endpoint on one day."""

    date: date
    endpoint: str
    tally: Tally


def by_day_and_endpoint(
    workspace_id: int, since: datetime, key_id: int, *, limit: int, after: tuple[date, str] | None = None
) -> list[Line]:
    """At most `limit` lines of one key, the newest day first, those behind `after` only."""
    own = Usage.objects.for_workspace(workspace_id).since(since).filter(key_id=key_id)
    rows = own.annotate(day=TruncDay("hour", tzinfo=UTC))
    if after:
        day = datetime(after[0].year, after[0].month, after[0].day, tzinfo=UTC)
        rows = rows.filter(Q(day__lt=day) | Q(day=day, endpoint__gt=after[1]))
    lines = rows.values("day", "endpoint").annotate(**sums()).order_by("-day", "endpoint")[:limit]
    return [Line(row["day"].date(), row["endpoint"], tally_of(cast(dict[str, Any], row))) for row in lines]


def of_day(
    day: date, workspace_id: int | None, *, limit: int, after: tuple[int, int, str] | None = None
) -> list[dict[str, Any]]:
    """One day's requests by workspace, key and endpoint; of every workspace when `workspace_id` is None.

    Each row has workspace_id, key_id, endpoint and `tally`, ordered by the first three; those behind `after` only.
    """
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    rows = Usage.objects.filter(hour__gte=start, hour__lte=start + LAST_HOUR)
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
    found = rows.values(*names).annotate(**sums()).order_by(*names)[:limit]
    return [{**{name: row[name] for name in names}, "tally": tally_of(cast(dict[str, Any], row))} for row in found]


def sums() -> dict[str, Sum]:
    """What a group of rows is summed up to; `tally_of` reads it."""
    return {"all": Sum("requests", default=0), "succeeded": SUCCEEDED, "refused": REFUSED, "failed": FAILED}


def tally_of(row: Mapping[str, Any]) -> Tally:
    """The tally of a row that was annotated with `sums`."""
    return Tally(int(row["all"]), int(row["succeeded"]), int(row["refused"]), int(row["failed"]))
