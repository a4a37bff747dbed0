"""The runs of all customers: found by name, state and error, looked into, and cancelled in the customer's stead."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from accounts import audit
from accounts.staff.base import Deed, StaffAdmin, StaffInline, WithReason, button, staff_of
from accounts.staff.days import DaysFilter
from backtests import ending
from backtests.models import FINISHED, Idea, Run, Stage, Status
from backtests.staff.overview import overview_page

LABELS = {"queued": "info", "running": "info", "complete": "success", "timeout": "warning", "error": "danger",
          "cancelled": "default"}  # fmt: skip


class StatusFilter(DropdownFilter):
    title = "status"
    parameter_name = "look"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(status.value, status.label.capitalize()) for status in Status]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Run]) -> QuerySet[Run]:
        return queryset.filter(status=self.value()) if self.value() in Status.values else queryset


class IdeaInline(StaffInline):
    """What the customer asked for."""

    model = Idea
    show_change_link = False
    fields = readonly_fields = ("position", "kind", "shown", "status", "error_text")

    @display(description="Text")
    def shown(self, row: Idea) -> str:
        return row.text[:300]


class StageInline(StaffInline):
    """Every step and what went wrong in it."""

    model = Stage
    show_change_link = False
    fields = readonly_fields = ("idea", "name", "number", "state", "error_code", "error_text", "started_at",
                                "finished_at")  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Stage]:
        rows: QuerySet[Stage] = super().get_queryset(request)
        return rows.select_related("idea").defer("given", "made", "log")


class RunStaff(StaffAdmin):
    """Runs, newest first."""

    list_display = ("created_at", "workspace", "name", "status_label", "says", "attempts", "error_code", "error_text")
    list_select_related = ("workspace",)
    list_filter = (StatusFilter, ("created_at", DaysFilter))
    search_fields = ("id", "name", "workspace__name", "workspace__slug", "error_code")
    ordering = ("-created_at", "id")
    inlines = (IdeaInline, StageInline)
    readonly_fields = (
        "id", "workspace", "name", "created_by", "key_label", "created_at", "status_label", "says", "attempts",
        "due_at", "lease_until", "started_at", "finished_at", "worked_seconds", "cancel_requested_at", "error_code",
        "error_text", "last_error", "engine_version", "rerun_of",
    )  # fmt: skip
    fieldsets = (
        ("Run", {"fields": ("id", "workspace", "name", "created_by", "key_label", "created_at", "rerun_of")}),
        ("Work", {"fields": ("status_label", "says", "attempts", "due_at", "lease_until", "started_at", "finished_at",
                             "worked_seconds", "engine_version")}),
        ("End", {"fields": ("cancel_requested_at", "error_code", "error_text", "last_error")}),
    )  # fmt: skip
    actions_detail = ("cancel",)

    def get_urls(self) -> list[URLPattern]:
        report = path("overview/", self.admin_site.admin_view(self.overview), name="backtests_overview")
        return [report, *super().get_urls()]

    def overview(self, request: HttpRequest) -> HttpResponse:
        """How long the queue is, what isolates the runs, who runs and spends how much."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {**self.admin_site.each_context(request), "title": "Backtesting", "opts": self.opts}
        return TemplateResponse(request, "staff/backtests.html", {**context, **overview_page()})

    @display(description="Status", ordering="status", label=LABELS)
    def status_label(self, row: Run) -> str:
        return str(row.status)

    @display(description="Progress")
    def says(self, row: Run) -> str:
        return str(row.progress.get("says", ""))[:120]

    @button("Cancel", url_path="cancel", permissions=("cancel",), icon="stop")
    def cancel(self, request: HttpRequest, object_id: str) -> HttpResponse:
        @transaction.atomic
        def run(row: Run, values: dict[str, Any]) -> str:
            found = Run.objects.select_for_update().filter(~Q(status__in=FINISHED), pk=row.pk).first()
            if found is None:
                return "The run had finished already."
            ending.cancel(found)
            audit.record(
                action="staff.run_cancelled", workspace=row.workspace, actor=staff_of(request), target=row.name,
                run=row.pk, reason=values["reason"],
            )  # fmt: skip
            return "The run is being stopped; it ends within seconds."

        text = "What it found so far stays. The run counts against the customer's plan."
        return self.perform(request, object_id, Deed("Cancel this run?", text, "Cancel the run", WithReason, run))

    def has_cancel_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether this person may do deeds, and the run has not finished."""
        rows = Run.objects.unfinished().filter(pk=unquote(object_id))
        return self.has_deed_permission(request) and rows.exists()
