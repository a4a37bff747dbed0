"""The page about backtesting: the queue, what isolates the runs, and what language models cost by customer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Min, Q, Sum
from django.urls import reverse
from django.utils import timezone

from accounts.models import Workspace
from accounts.staff.base import url_of
from backtests.models import Result, Run, Spend, Status, Upload
from moondev.lib.queue import State

MOST_CUSTOMERS = 50
SPEND_DAYS = 30
MICRO = 1_000_000
ENDS = (Status.COMPLETE, Status.ERROR, Status.TIMEOUT, Status.CANCELLED)


def overview_page() -> dict[str, Any]:
    """What the page shows, ready to be printed."""
    day_ago = timezone.now() - timedelta(days=1)
    return {
        "numbers": [*_queue(), *_ended(day_ago)],
        "weakest": settings.SANDBOX_LEVEL,
        "levels": _levels(day_ago),
        "customers": _customers(day_ago),
        "spend_days": SPEND_DAYS,
    }


def _queue() -> list[dict[str, str]]:
    """Counted over what is not done: done rows are many and of no interest here."""
    rows = reverse("staff:backtests_run_changelist")
    left = Run.objects.unfinished().aggregate(
        waiting=Count("pk", filter=Q(status=Status.QUEUED)),
        running=Count("pk", filter=Q(status=Status.RUNNING)),
        oldest=Min("created_at", filter=Q(status=Status.QUEUED)),
        stuck=Count("pk", filter=Q(state=State.RUNNING, lease_until__lt=timezone.now())),
    )
    files = Upload.objects.filter(state__in=[State.WAITING, State.RUNNING]).count()
    return [
        _number("Runs waiting", f"{left['waiting']:,}", f"{rows}?look=queued"),
        _number("Oldest waits", "none" if left["oldest"] is None else f"{seconds_since(left['oldest']):,} s"),
        _number("Running", f"{left['running']:,}", f"{rows}?look=running"),
        _number("Their worker is gone", f"{left['stuck']:,}"),
        _number("Files to be read", f"{files:,}"),
    ]


def _ended(since: datetime) -> list[dict[str, str]]:
    rows = reverse("staff:backtests_run_changelist")
    counts = _counts(Run.objects.filter(finished_at__gte=since), "status")
    return [
        _number(f"{status.label.capitalize()}, 24 h", f"{counts.get(status, 0):,}", f"{rows}?look={status.value}")
        for status in ENDS
    ]


def _levels(since: datetime) -> list[tuple[str, int]]:
    """Which levels isolated the results of the last day, those of most results first."""
    counts = _counts(Result.objects.filter(created_at__gte=since), "sandbox_level")
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _customers(since: datetime) -> list[dict[str, Any]]:
    """The workspaces that spent or ran most, in a fixed number of queries."""
    spends = Spend.objects.filter(at__gte=timezone.now() - timedelta(days=SPEND_DAYS)).order_by()
    spent = {
        row["workspace_id"]: row
        for row in spends.values("workspace_id").annotate(
            usd=Sum("micro_usd"), tokens_in=Sum("tokens_in"), tokens_out=Sum("tokens_out"), calls=Count("pk")
        )
    }
    runs = _counts(Run.objects.filter(created_at__gte=since), "workspace_id")
    waiting = _counts(Run.objects.filter(status=Status.QUEUED), "workspace_id")
    ids = sorted({*spent, *runs, *waiting}, key=lambda pk: (-_usd(spent, pk), -runs.get(pk, 0), pk))[:MOST_CUSTOMERS]
    names = Workspace.objects.in_bulk(ids)
    return [
        {"workspace": names[pk], "url": url_of(names[pk], "staff"), "runs": runs.get(pk, 0),
         "waiting": waiting.get(pk, 0), "usd": _usd(spent, pk) / MICRO, **_tokens(spent.get(pk))}
        for pk in ids
    ]  # fmt: skip


def _usd(spent: dict[int, dict[str, Any]], pk: int) -> int:
    return int(spent[pk]["usd"]) if pk in spent else 0


def _tokens(row: dict[str, Any] | None) -> dict[str, int]:
    return {name: row[name] if row else 0 for name in ("tokens_in", "tokens_out", "calls")}


def _counts(rows: Any, field: str) -> dict[Any, int]:
    found: Iterable[tuple[Any, int]] = rows.order_by().values(field).annotate(n=Count("pk")).values_list(field, "n")
    return dict(found)


def seconds_since(moment: datetime) -> int:
    return max(0, int((timezone.now() - moment).total_seconds()))


def _number(title: str, value: str, url: str = "") -> dict[str, str]:
    return {"title": title, "value": value, "url": url}
