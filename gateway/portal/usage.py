"""The usage table: by day or hour, key, endpoint and status class; the same rows as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.paginator import Paginator
from django.db.models import F, QuerySet, Sum
from django.db.models.functions import TruncDay
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone

from accounts.models import Workspace
from accounts.portal.forms import PortalForm
from accounts.portal.pages import Page, show, workspace_of
from gateway.models import ApiKey, Usage
from gateway.portal.forms import end_of
from moondev.lib import clock
from moondev.lib.cells import defuse

PER_PAGE = 25
DAYS_SHOWN = 30
# Hourly rows of a year would be a page nobody reads and a query everybody pays for.
MOST_DAYS = {"day": 400, "hour": 31}
STATUS_CLASSES = ((2, "Answered (2xx)"), (3, "Unchanged (3xx)"), (4, "Refused (4xx)"), (5, "Failed (5xx)"))
COLUMNS = ("time", "key", "key_id", "endpoint", "status", "requests")


@dataclass(frozen=True, slots=True)
class UsageRow:
    """Requests of one bucket, key, endpoint and status class. `at` is the bucket's start."""

    at: datetime
    key_name: str
    key_id: int
    endpoint: str
    status_class: int
    requests: int


class UsageFilter(PortalForm):
    """What the table is narrowed to. Everything is optional; nonsense is named and left out."""

    start = forms.DateField(label="From", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    end = forms.DateField(label="To", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    by = forms.ChoiceField(label="Group by", required=False, choices=[("day", "Day"), ("hour", "Hour")])
    key = forms.TypedChoiceField(label="Key", required=False, coerce=int, empty_value=None)
    endpoint = forms.ChoiceField(label="Endpoint", required=False)
    status = forms.TypedChoiceField(
        label="Status", required=False, coerce=int, empty_value=None, choices=[("", "All"), *STATUS_CLASSES]
    )

    def __init__(self, data: Mapping[str, Any], *, keys: Mapping[int, str], endpoints: Iterable[str]) -> None:
        today = timezone.localdate()
        given = {"start": today - timedelta(days=DAYS_SHOWN - 1), "end": today, "by": "day"}
        super().__init__({**given, **{name: value for name, value in data.items() if value}})
        self.fields["key"].choices = [("", "All"), *keys.items()]  # type: ignore[attr-defined]
        self.fields["endpoint"].choices = [("", "All"), *((name, name) for name in endpoints)]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        start, end = found.get("start"), found.get("end")
        if start and end and start > end:
            raise forms.ValidationError("“From” lies after “To”.")
        most = MOST_DAYS.get(found.get("by") or "day", 31)
        if start and end and (end - start).days >= most:
            raise forms.ValidationError(f"Choose at most {most} days, or group by day.")
        return found


def usage(request: HttpRequest) -> HttpResponse:
    """One page of the table with its filters and the sum over all pages."""
    workspace = workspace_of(request)
    names = key_names(workspace)
    form = UsageFilter(request.GET.dict(), keys=names, endpoints=endpoints_of(workspace))
    rows = narrowed(workspace, form)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return show(
        request,
        "portal/usage/table.html",
        "Usage",
        filters=form,
        by_hour=form.is_valid() and form.cleaned_data["by"] == "hour",
        page=page,
        rows=list(read_rows(page.object_list, names)),
        total=rows.aggregate(n=Sum("total"))["n"] or 0,
        query=urlencode({name: value for name, value in request.GET.items() if name != "page"}),
        has_any=Usage.objects.for_workspace(workspace).exists(),
    )


def export(request: HttpRequest) -> HttpResponseBase:
    """The rows of all pages as CSV, streamed; times in UTC as ISO 8601."""
    workspace = workspace_of(request)
    names = key_names(workspace)
    form = UsageFilter(request.GET.dict(), keys=names, endpoints=endpoints_of(workspace))
    lines = csv_lines(read_rows(narrowed(workspace, form).iterator(chunk_size=2000), names))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="usage-{workspace.slug}-{clock.now():%Y-%m-%d}.csv"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def narrowed(workspace: Workspace, form: UsageFilter) -> QuerySet[Any, Any]:
    """Grouped rows of the workspace that the filter lets through, newest first. Nothing when the filter is wrong."""
    rows = Usage.objects.for_workspace(workspace)
    if not form.is_valid():
        rows = rows.none()
    chosen = form.cleaned_data
    start, end = chosen.get("start"), chosen.get("end")
    conditions = {
        "hour__gte": start and timezone.make_aware(datetime.combine(start, time.min)),
        "hour__lt": end and end_of(end),
        "key_id": chosen.get("key"),
        "endpoint": chosen.get("endpoint") or None,
        "status_class": chosen.get("status"),
    }
    kept = {name: value for name, value in conditions.items() if value is not None}
    # A stream is read when the person's time zone is no longer in force, so the zone is named here and now.
    zone = timezone.get_current_timezone()
    bucket = F("hour") if chosen.get("by") == "hour" else TruncDay("hour", tzinfo=zone)
    grouped = rows.filter(**kept).order_by().annotate(at=bucket).values("at", "key_id", "endpoint", "status_class")
    result: QuerySet[Any, Any] = grouped.annotate(total=Sum("requests")).order_by(
        "-at", "key_id", "endpoint", "status_class"
    )
    return result


def read_rows(found: Iterable[Mapping[str, Any]], names: Mapping[int, str]) -> Iterator[UsageRow]:
    for row in found:
        key_id = row["key_id"]
        name = names.get(key_id, f"Deleted key {key_id}")
        yield UsageRow(row["at"], name, key_id, row["endpoint"], row["status_class"], row["total"])


def key_names(workspace: Workspace) -> dict[int, str]:
    """Names of the workspace's keys by id; 0 stands for people with a browser session."""
    names = dict(ApiKey.objects.for_workspace(workspace).order_by("name").values_list("pk", "name"))
    return {**names, 0: "Browser session"}


def endpoints_of(workspace: Workspace) -> list[str]:
    """The endpoints that the workspace used in the last 400 days."""
    since = clock.now() - timedelta(days=MOST_DAYS["day"])
    rows = Usage.objects.for_workspace(workspace).filter(hour__gte=since)
    return list(rows.order_by("endpoint").values_list("endpoint", flat=True).distinct())


def csv_lines(rows: Iterable[UsageRow]) -> Iterator[str]:
    """Header and rows; a name that a customer chose can hold a formula and is defused."""
    writer = csv.writer(_Echo())
    yield writer.writerow(COLUMNS)
    for row in rows:
        at = row.at.astimezone(timezone.get_fixed_timezone(0)).strftime("%Y-%m-%dT%H:%M:%SZ")
        status = f"{row.status_class}xx"
        cells = (at, row.key_name, row.key_id, row.endpoint, status, row.requests)
        yield writer.writerow([defuse(cell) for cell in cells])


class _Echo:
    """A file that hands back what is written, so that csv can feed a stream."""

    def write(self, line: str) -> str:
        return line


PAGES = (
    Page("usage/", "usage", usage),
    Page("usage/export/", "usage-export", export, back="usage"),
)
