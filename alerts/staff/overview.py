"""The alerting page: how far evaluation and delivery are, which places fail, and who has how many alerts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import Workspace
from accounts.staff.base import url_of
from alerts.models import Alert, Delivery, Destination, Event, Tick
from alerts.models.alert import Phase
from moondev.lib.queue import State

MOST_PLACES, MOST_CUSTOMERS = 50, 50
OWED = (State.WAITING, State.RUNNING)
RUNNING = Q(enabled=True, over_plan=False)


def overview_page() -> dict[str, Any]:
    """What the page shows, ready to be printed."""
    return {"numbers": [*_evaluation(), *_queue()], "places": _places(), "customers": _customers()}


def _evaluation() -> list[dict[str, str]]:
    last = Tick.objects.exclude(finished_at=None).first()
    looked = Alert.objects.running().aggregate(
        n=Count("pk"), firing=Count("pk", filter=Q(phase=Phase.FIRING)), error=Count("pk", filter=Q(phase=Phase.ERROR))
    )
    day_ago = timezone.now() - timedelta(days=1)
    return [
        _number("Last round", "never" if last is None else f"{seconds_since(last.at)} s ago"),
        _number("Alerts looked at", f"{looked['n']:,}"),
        _number("Firing now", f"{looked['firing']:,}"),
        _number("Cannot be evaluated", f"{looked['error']:,}"),
        _number("Events, 24 h", f"{Event.objects.filter(at__gte=day_ago).count():,}"),
    ]


def _queue() -> list[dict[str, str]]:
    """Counted over what is not done: done rows are many and of no interest here."""
    rows = reverse("staff:alerts_delivery_changelist")
    places = reverse("staff:alerts_destination_changelist")
    now = timezone.now()
    owed = Delivery.objects.filter(state__in=OWED).aggregate(
        n=Count("pk"), due=Count("pk", filter=Q(due_at__lte=now)), oldest=Min("created_at")
    )
    oldest = "none" if owed["oldest"] is None else f"{seconds_since(owed['oldest'])} s"
    parked = Delivery.objects.filter(state=State.PARKED).count()
    off = Destination.objects.filter(deleted_at=None, disabled_at__isnull=False).count()
    return [
        _number("Messages owed", f"{owed['n']:,}", f"{rows}?look=owed"),
        _number("Of these due", f"{owed['due']:,}"),
        _number("Oldest waits", oldest),
        _number("Given up", f"{parked:,}", f"{rows}?look=parked"),
        _number("Places switched off", f"{off:,}", f"{places}?look=off"),
    ]


def _places() -> list[dict[str, Any]]:
    """Places that fail or are switched off, those that miss most first."""
    missed = Count("deliveries", filter=Q(deliveries__state=State.PARKED))
    rows = Destination.objects.filter(Q(failures__gt=0) | Q(disabled_at__isnull=False), deleted_at=None)
    worst = rows.select_related("workspace").annotate(missed=missed).order_by("-missed", "-failures", "pk")
    return [{"row": row, "url": url_of(row, "staff"), "workspace_url": url_of(row.workspace, "staff")}
            for row in worst[:MOST_PLACES]]  # fmt: skip


def _customers() -> list[dict[str, Any]]:
    """The workspaces with most alerts, in a fixed number of queries."""
    counted = Alert.objects.order_by().values("workspace_id").annotate(
        alerts=Count("pk"), running=Count("pk", filter=RUNNING), firing=Count("pk", filter=RUNNING & Q(phase="firing"))
    )  # fmt: skip
    rows = list(counted.order_by("-alerts", "workspace_id")[:MOST_CUSTOMERS])
    ids = [row["workspace_id"] for row in rows]
    names, events, parked = Workspace.objects.in_bulk(ids), _events(ids), _parked(ids)
    return [
        {**row, "workspace": names[row["workspace_id"]], "url": url_of(names[row["workspace_id"]], "staff"),
         "events": events.get(row["workspace_id"], 0), "parked": parked.get(row["workspace_id"], 0)}
        for row in rows
    ]  # fmt: skip


def _events(workspace_ids: list[int]) -> dict[int, int]:
    """Events of the last 24 hours by workspace."""
    rows = Event.objects.filter(alert__workspace__in=workspace_ids, at__gte=timezone.now() - timedelta(days=1))
    return dict(rows.order_by().values("alert__workspace").annotate(n=Count("pk")).values_list("alert__workspace", "n"))


def _parked(workspace_ids: list[int]) -> dict[int, int]:
    """Messages that were given up, by workspace."""
    path = "event__alert__workspace"
    rows = Delivery.objects.filter(**{f"{path}__in": workspace_ids}, state=State.PARKED)
    return dict(rows.order_by().values(path).annotate(n=Count("pk")).values_list(path, "n"))


def seconds_since(moment: Any) -> str:
    return f"{max(0, int((timezone.now() - moment).total_seconds())):,}"


def _number(title: str, value: str, url: str = "") -> dict[str, str]:
    return {"title": title, "value": value, "url": url}
