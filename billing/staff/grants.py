"""Grants of plans as staff see them, make them, lengthen and end them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter, RelatedDropdownFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from accounts.models import Workspace
from accounts.staff.base import Confirm, Deed, StaffAdmin, StaffInline, button, staff_of
from accounts.staff.days import DaysFilter
from billing import services
from billing.models import Entitlement, Plan
from billing.terms import FREE
from moondev.lib.errors import AppError

LABELS = {"in force": "success", "planned": "info", "over": "warning", "ended": "danger"}


class GrantForm(forms.Form):
    """A plan for a workspace, with a reason and an end."""

    plan = forms.ModelChoiceField(
        Plan.objects.exclude(name=FREE),
        widget=UnfoldAdminSelectWidget(),
        help_text="The strongest of a workspace's grants counts.",
    )
    ends_at = forms.DateTimeField(
        label="Ends at (UTC)",
        widget=UnfoldAdminTextInputWidget(attrs={"type": "datetime-local"}),
        help_text="At this moment the workspace falls back to its next grant, or to free.",
    )
    reason = forms.CharField(
        max_length=200, widget=UnfoldAdminTextInputWidget(), help_text="Why; goes into the audit log."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ends_at"].initial = (timezone.now() + timedelta(days=30)).strftime("%Y-%m-%dT00:00")


class ExtendForm(forms.Form):
    """A later end, and why."""

    ends_at = forms.DateTimeField(
        label="New end (UTC)",
        widget=UnfoldAdminTextInputWidget(attrs={"type": "datetime-local"}),
        help_text="Later than the present one, at most ten years from now.",
    )
    reason = forms.CharField(
        max_length=200, widget=UnfoldAdminTextInputWidget(), help_text="Why; goes into the audit log."
    )


class EntitlementForm(forms.ModelForm[Entitlement]):
    """A new grant; the service makes it, and its refusals are shown here."""

    ends_at = forms.DateTimeField(
        label="Ends at (UTC)",
        widget=UnfoldAdminTextInputWidget(attrs={"type": "datetime-local"}),
        help_text="At this moment the workspace falls back to its next grant, or to free.",
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                services.check_grant(
                    workspace=values["workspace"],
                    plan=values["plan"],
                    reason=values["reason"],
                    ends_at=values["ends_at"],
                )
            except AppError as error:
                raise forms.ValidationError(error.detail) from error
        return values


class StateFilter(DropdownFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("in_force", "In force"), ("planned", "Planned"), ("over", "Over or ended")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Entitlement]) -> QuerySet[Entitlement]:
        now = timezone.now()
        states = {
            "in_force": Q(revoked_at=None, starts_at__lte=now) & (Q(ends_at=None) | Q(ends_at__gt=now)),
            "planned": Q(revoked_at=None, starts_at__gt=now),
            "over": Q(revoked_at__isnull=False) | Q(ends_at__lte=now),
        }
        chosen = states.get(self.value() or "")
        return queryset if chosen is None else queryset.filter(chosen)


class EntitlementStaff(StaffAdmin):
    """Grants of plans. They are made, lengthened and ended, never deleted: the rows are the history."""

    form = EntitlementForm
    list_display = ("workspace", "plan", "state", "source", "reason", "starts_at", "ends_at", "granted_by")
    list_select_related = ("workspace", "plan", "granted_by")
    list_filter = (
        StateFilter,
        ("plan", RelatedDropdownFilter),
        ("source", ChoicesDropdownFilter),
        ("ends_at", DaysFilter),
    )
    search_fields = ("workspace__name", "workspace__slug", "reason")
    autocomplete_fields = ("workspace",)
    ordering = ("-created_at", "-id")
    readonly_fields = ("state", "source", "subscription", "starts_at", "granted_by", "created_at", "revoked_at")
    fields = ("workspace", "plan", "reason", "ends_at")
    actions_detail = ("extend", "end")

    def get_fields(self, request: HttpRequest, obj: Entitlement | None = None) -> tuple[str, ...]:
        return (*self.fields, *self.readonly_fields) if obj else self.fields

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("billing.add_entitlement")

    def has_end_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether this person may end this grant; decides whether its page has the button."""
        if not self.has_deed_permission(request):
            return False
        rows = Entitlement.objects.not_over().filter(source=Entitlement.Source.STAFF)
        return rows.filter(pk=object_id).exists()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        made = services.grant(
            workspace=obj.workspace,
            plan=obj.plan,
            reason=obj.reason,
            ends_at=form.cleaned_data["ends_at"],
            actor=staff_of(request),
        )
        obj.pk = made.pk

    @display(description="State", label=LABELS)
    def state(self, row: Entitlement) -> str:
        return state_of(row)

    @button("Extend", url_path="extend", permissions=("end",), icon="more_time")
    def extend(self, request: HttpRequest, object_id: str) -> HttpResponse:
        def run(row: Entitlement, values: dict[str, Any]) -> str:
            services.extend_grant(entitlement=row, actor=staff_of(request), **values)
            return f"The grant holds until {row.ends_at:%Y-%m-%d %H:%M} UTC."

        ends_at = self.get_object(request, object_id).ends_at
        now = f"The grant ends on {ends_at:%Y-%m-%d at %H:%M} UTC. " if ends_at else ""
        text = f"{now}The plan stays with every key of the workspace until the new end."
        return self.perform(request, object_id, Deed("Extend this grant", text, "Extend", ExtendForm, run))

    @button("End now", url_path="end", permissions=("end",))
    def end(self, request: HttpRequest, object_id: str) -> HttpResponse:
        def run(row: Entitlement, _: dict[str, Any]) -> str:
            services.end_grant(entitlement=row, actor=staff_of(request))
            return f"The grant is ended. {row.workspace} is on its next grant, or on free."

        text = "The plan is taken from every key of the workspace within a second."
        return self.perform(
            request, object_id, Deed("End this grant now?", text, "End now", Confirm, run, is_grave=True)
        )


def state_of(row: Entitlement) -> str:
    """in force, planned, over (its end has passed) or ended (by staff)."""
    if row.revoked_at:
        return "ended"
    if row.is_over():
        return "over"
    return "in force" if row.is_in_force() else "planned"


class EntitlementInline(StaffInline):
    """The grants of a workspace, newest first."""

    model = Entitlement
    verbose_name_plural = "grants"
    fields = readonly_fields = ("plan", "state", "source", "reason", "starts_at", "ends_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Entitlement]:
        return super().get_queryset(request).select_related("plan", "workspace")

    @display(description="State", label=LABELS)
    def state(self, row: Entitlement) -> str:
        return state_of(row)


def grant_deed(request: HttpRequest) -> Deed:
    """The question "which plan, until when, why?" for the page of a workspace."""

    def run(row: Workspace, values: dict[str, Any]) -> str:
        services.grant(workspace=row, actor=staff_of(request), **values)
        return f"{row.name} has {values['plan']} until {values['ends_at']:%Y-%m-%d %H:%M} UTC."

    text = "Every key of the workspace has the plan within a second."
    return Deed("Grant a plan", text, "Grant", GrantForm, run)
