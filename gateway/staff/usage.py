"""Usage by customer: who uses how much, by day or month, as a page and as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import TruncDay, TruncMonth
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from accounts.models import Workspace
from accounts.staff.base import StaffAdmin, url_of
from gateway.models import Usage
from gateway.usage.reports import LAST_HOUR
from moondev.lib.cells import defuse

MOST_CUSTOMERS = 100
COLUMNS = ("period", "workspace_id", "slug", "name", "requests", "answered", "refused", "failed")
SUMS = {
    "total": Sum("requests", default=0),
    "ok": Sum("requests", filter=Q(status_class__lte=3), default=0),
    "refused": Sum("requests", filter=Q(status_class=4), default=0),
    "failed": Sum("requests", filter=Q(status_class=5), default=0),
}


class PeriodForm(forms.Form):
    """Which days (UTC, both included), by day or by month, and whose."""

    start = forms.DateField(label="From", widget=UnfoldAdminTextInputWidget(attrs={"type": "date"}))
    end = forms.DateField(label="To", widget=UnfoldAdminTextInputWidget(attrs={"type": "date"}))
    step = forms.ChoiceField(label="By", choices=[("day", "Day"), ("month", "Month")], widget=UnfoldAdminSelectWidget())
    customer = forms.CharField(
        label="Customer", required=False, max_length=80, widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "All"})
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        start, end = values.get("start"), values.get("end")
        if start and end and not 0 <= (end - start).days <= 1100:
            raise forms.ValidationError("The period must end after it begins and be at most three years long.")
        return values


@dataclass(frozen=True)
class Period:
    """Days of usage to look at; both ends included."""

    start: date
    end: date
    step: str = "day"
    customer: str = ""

    def rows(self) -> QuerySet[Any]:
        first = datetime(self.start.year, self.start.month, self.start.day, tzinfo=UTC)
        last = datetime(self.end.year, self.end.month, self.end.day, tzinfo=UTC) + LAST_HOUR
        rows = Usage.objects.filter(hour__gte=first, hour__lte=last).order_by()
        if self.customer:
            found = Workspace.objects.filter(
                Q(slug__icontains=self.customer) | Q(name__icontains=self.customer)
            ).values("pk")
            rows = rows.filter(workspace_id__in=found)
        return rows

    def trunc(self) -> TruncDay | TruncMonth:
        return (TruncMonth if self.step == "month" else TruncDay)("hour", tzinfo=UTC)

    def shown(self, moment: datetime) -> str:
        return f"{moment:%Y-%m}" if self.step == "month" else f"{moment:%Y-%m-%d}"


def last_month() -> Period:
    today = timezone.now().date()
    return Period(today - timedelta(days=29), today)


class UsageStaff(StaffAdmin):
    """A report instead of a list of hourly rows: nobody reads those one by one."""

    def get_urls(self) -> list[URLPattern]:
        return [
            path("", self.admin_site.admin_view(self.report), name="gateway_usage_changelist"),
            path("export.csv", self.admin_site.admin_view(self.export), name="gateway_usage_export"),
        ]

    def report(self, request: HttpRequest) -> HttpResponse:
        self._check(request)
        form, period = _asked(request)
        context = {
            **self.admin_site.each_context(request),
            "title": "Usage by customer",
            "opts": self.opts,
            "form": form,
            "period": period,
            "totals": period.rows().aggregate(**SUMS),
            "customers": top_customers(period, self.admin_site.name),
            "series": series(period),
            "export": f"export.csv?{request.GET.urlencode()}",
        }
        return TemplateResponse(request, "staff/usage.html", context)

    def export(self, request: HttpRequest) -> StreamingHttpResponse:
        """Every customer and day (or month) of the period as CSV."""
        self._check(request)
        _, period = _asked(request)
        answer = StreamingHttpResponse(_csv(period), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="usage-{period.start}-{period.end}.csv"'
        answer["X-Content-Type-Options"] = "nosniff"
        return answer

    def _check(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied


def _asked(request: HttpRequest) -> tuple[PeriodForm, Period]:
    """The form as sent and its period; nothing or nonsense asked means the last 30 days."""
    usual = last_month()
    asked = {"start": usual.start, "end": usual.end, "step": usual.step} | request.GET.dict()
    form = PeriodForm(asked)
    return (form, Period(**form.cleaned_data)) if form.is_valid() else (form, usual)


def top_customers(period: Period, site: str) -> list[dict[str, Any]]:
    """The customers with the most requests, largest first, with their share of the largest in percent."""
    ranked: Any = period.rows().values("workspace_id").annotate(**SUMS)
    rows: list[dict[str, Any]] = list(ranked.order_by("-total")[:MOST_CUSTOMERS])
    workspaces = Workspace.objects.in_bulk([row["workspace_id"] for row in rows])
    most = max((row["total"] for row in rows), default=0) or 1
    for row in rows:
        workspace = workspaces.get(row["workspace_id"])
        row["name"] = workspace.name if workspace else f"Workspace {row['workspace_id']}"
        row["url"] = url_of(workspace, site) if workspace else ""
        row["share"] = round(100 * row["total"] / most)
    return rows


def series(period: Period) -> list[dict[str, Any]]:
    """Sums of each day or month, oldest first, with their share of the largest in percent."""
    summed: Any = period.rows().annotate(at=period.trunc()).values("at").annotate(**SUMS)
    rows: list[dict[str, Any]] = list(summed.order_by("at"))
    most = max((row["total"] for row in rows), default=0) or 1
    return [row | {"period": period.shown(row["at"]), "share": round(100 * row["total"] / most)} for row in rows]


def _csv(period: Period) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(COLUMNS)
    rows: Any = period.rows().annotate(at=period.trunc()).values("at", "workspace_id").annotate(**SUMS)
    names = {pk: (slug, name) for pk, slug, name in Workspace.objects.values_list("pk", "slug", "name")}
    for row in rows.order_by("at", "-total").iterator(chunk_size=2000):
        slug, name = names.get(row["workspace_id"], ("", ""))
        cells = [period.shown(row["at"]), row["workspace_id"], slug, name, *(row[total] for total in SUMS)]
        yield writer.writerow([defuse(cell) for cell in cells])


class _Echo:
    """A file that hands each written line back, so that a CSV streams."""

    def write(self, line: str) -> str:
        return line
