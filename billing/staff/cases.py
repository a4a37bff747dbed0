"""Cases: what no rule decides, for a person to look at and close with a note."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.staff.base import Deed, StaffAdmin, button, staff_of
from accounts.staff.days import DaysFilter
from billing.cases import LONGEST_NOTE, close_case
from billing.models import Case

LABELS = {"open": "warning", "closed": "success"}


class NoteForm(forms.Form):
    """What was decided."""

    note = forms.CharField(
        max_length=LONGEST_NOTE,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text="What was found and done; stays with the case and goes into the audit log.",
    )


class StateFilter(DropdownFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "Open"), ("closed", "Closed")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Case]) -> QuerySet[Case]:
        chosen = {"open": Q(closed_at=None), "closed": Q(closed_at__isnull=False)}.get(self.value() or "")
        return queryset if chosen is None else queryset.filter(chosen)


class CaseStaff(StaffAdmin):
    """Opened by rules, closed by staff, never deleted."""

    list_display = ("kind", "state", "workspace", "reference", "detail", "opened_at", "closed_by")
    list_select_related = ("workspace", "closed_by")
    list_filter = (StateFilter, ("kind", ChoicesDropdownFilter), ("opened_at", DaysFilter))
    search_fields = ("reference", "detail", "workspace__name", "workspace__slug")
    ordering = ("-opened_at", "-id")
    fields = readonly_fields = (
        "kind",
        "state",
        "workspace",
        "reference",
        "detail",
        "opened_at",
        "closed_at",
        "closed_by",
        "note",
    )
    actions_detail = ("close",)

    @display(description="State", label=LABELS)
    def state(self, row: Case) -> str:
        return state_of(row)

    @button("Close with a note", url_path="close", permissions=("close",))
    def close(self, request: HttpRequest, object_id: str) -> HttpResponse:
        def run(row: Case, values: dict[str, Any]) -> str:
            close_case(case=row, note=values["note"], actor=staff_of(request))
            return "The case is closed."

        text = "Do what has to be done first, in Stripe or here: closing changes nothing but the case."
        return self.perform(request, object_id, Deed("Close this case?", text, "Close case", NoteForm, run))

    def has_close_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether this person may close this case; decides whether its page has the button."""
        return self.has_deed_permission(request) and Case.objects.filter(pk=object_id, closed_at=None).exists()


def state_of(row: Case) -> str:
    """open or closed."""
    return "closed" if row.closed_at else "open"
