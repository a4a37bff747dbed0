"""API keys as staff see them: to look at, to stop, to slow down or speed up. Never a secret, never a new key."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from unfold.contrib.filters.admin import (
    BooleanRadioFilter,
    ChoicesDropdownFilter,
    DropdownFilter,
)
from unfold.decorators import display
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget

from accounts.staff.base import Confirm, Deed, StaffAdmin, WithReason, button, staff_of
from accounts.staff.days import DaysFilter
from gateway.keys import services
from gateway.models import ApiKey, KeySecret

LABELS = {"usable": "success", "not revealed": "info", "disabled": "warning", "expired": "warning", "revoked": "danger"}


class OverrideForm(forms.Form):
    """A budget of the key's own. Without an end it is capped by the plan, with one it may go beyond."""

    limit = forms.IntegerField(
        required=False,
        label="Requests a minute",
        validators=[MinValueValidator(1), MaxValueValidator(1_000_000)],
        widget=UnfoldAdminIntegerFieldWidget(),
        help_text="Of this key alone, beside the workspace's budget. From 1 to 1,000,000. Empty: no override.",
    )
    until = forms.DateTimeField(
        required=False,
        label="Until (UTC)",
        widget=UnfoldAdminTextInputWidget(attrs={"type": "datetime-local"}),
        help_text="Without an end the override holds for ever and is capped by the workspace's plan.",
    )

    def clean_until(self) -> Any:
        until = self.cleaned_data["until"]
        if until and until <= timezone.now():
            raise forms.ValidationError("The end must be in the future.")
        return until


class StateFilter(DropdownFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(state, state.capitalize()) for state in LABELS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> QuerySet[ApiKey]:
        now = timezone.now()
        states = {
            "usable": Q(revoked_at=None, enabled=True, is_pending=False) & (Q(expires_at=None) | Q(expires_at__gt=now)),
            "not revealed": Q(revoked_at=None, is_pending=True),
            "disabled": Q(revoked_at=None, enabled=False),
            "expired": Q(revoked_at=None, enabled=True, expires_at__lte=now),
            "revoked": Q(revoked_at__isnull=False),
        }
        chosen = states.get(self.value() or "")
        return queryset if chosen is None else queryset.filter(chosen)


class KeyStaff(StaffAdmin):
    """Keys of all customers."""

    list_display = ("name", "workspace", "secret", "state", "mode", "scope_list", "rate", "last_used_at", "created_at")
    list_select_related = ("workspace", "created_by")
    list_filter = (
        StateFilter,
        ("mode", ChoicesDropdownFilter),
        ("is_service_key", BooleanRadioFilter),
        ("is_legacy", BooleanRadioFilter),
        ("last_used_at", DaysFilter),
        ("created_at", DaysFilter),
    )
    search_fields = ("name", "workspace__name", "workspace__slug", "created_by__email", "secrets__last_four__exact")
    search_help_text = "Name, workspace, creator, or the last four characters of the key"
    ordering = ("-created_at", "-id")
    readonly_fields = (
        "name",
        "workspace",
        "secret",
        "state",
        "mode",
        "scope_list",
        "addresses",
        "is_service_key",
        "is_legacy",
        "created_by",
        "created_at",
        "expires_at",
        "last_used_at",
        "revoked_at",
        "rate",
    )
    fieldsets = (
        ("Key", {"fields": ("name", "workspace", "secret", "state", "mode")}),
        ("May do", {"fields": ("scope_list", "addresses", "rate")}),
        ("History", {"fields": ("created_by", "created_at", "last_used_at", "expires_at", "revoked_at")}),
        ("Kind", {"fields": ("is_service_key", "is_legacy")}),
    )
    actions_detail = ("override", "disable", "enable", "revoke")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiKey]:
        current = Prefetch("secrets", KeySecret.objects.filter(expires_at=None), to_attr="current")
        rows: QuerySet[ApiKey] = super().get_queryset(request)
        return rows.select_related("workspace", "created_by").prefetch_related(current)

    @display(description="Secret")
    def secret(self, row: Any) -> str:
        return str(row.current[0]) if row.current else "–"

    @display(description="State", label=LABELS)
    def state(self, row: ApiKey) -> str:
        return state_of(row)

    @display(description="Scopes")
    def scope_list(self, row: ApiKey) -> str:
        return ", ".join(row.scopes) or "none"

    @display(description="Allowed addresses")
    def addresses(self, row: ApiKey) -> str:
        return ", ".join(row.allowed_addresses) or "any"

    @display(description="Rate override")
    def rate(self, row: ApiKey) -> str:
        if row.rate_override is None:
            return "–"
        until = row.rate_override_until
        end = f"until {until:%Y-%m-%d %H:%M} UTC" if until else "capped by the plan"
        return f"{row.rate_override:,}/min, {end}"

    @button(
        "Override the rate",
        url_path="rate",
        permissions=(
            "deed",
            "live_row",
        ),
        icon="speed",
    )
    def override(self, request: HttpRequest, object_id: str) -> HttpResponse:
        def run(row: ApiKey, values: dict[str, Any]) -> str:
            services.override_rate(key=row, actor=staff_of(request), limit=values["limit"], until=values["until"])
            return f"{row.name} has a rate of its own." if values["limit"] else f"{row.name} has no override any more."

        text = "The key gets a budget of its own of this size, within a second."
        return self.perform(request, object_id, Deed("Override the rate", text, "Save", OverrideForm, run))

    @button(
        "Disable",
        url_path="disable",
        permissions=(
            "deed",
            "enabled_row",
        ),
    )
    def disable(self, request: HttpRequest, object_id: str) -> HttpResponse:
        text = "Requests with it are refused within a second. It can be enabled again."
        return self._switch(request, object_id, "Disable this key?", text, enabled=False)

    @button(
        "Enable",
        url_path="enable",
        permissions=(
            "deed",
            "disabled_row",
        ),
    )
    def enable(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._switch(request, object_id, "Enable this key?", "It works again within a second.", enabled=True)

    def _switch(self, request: HttpRequest, object_id: str, title: str, text: str, *, enabled: bool) -> HttpResponse:
        def run(row: ApiKey, _: dict[str, Any]) -> str:
            services.set_enabled(key=row, actor=staff_of(request), enabled=enabled)
            return f"{row.name} is {'enabled' if enabled else 'disabled'}."

        button = "Enable" if enabled else "Disable"
        return self.perform(request, object_id, Deed(title, text, button, Confirm, run, is_grave=not enabled))

    @button(
        "Revoke",
        url_path="revoke",
        permissions=(
            "deed",
            "live_row",
        ),
    )
    def revoke(self, request: HttpRequest, object_id: str) -> HttpResponse:
        def run(row: ApiKey, values: dict[str, Any]) -> str:
            services.revoke_key(key=row, actor=staff_of(request), reason=values["reason"])
            return f"{row.name} is revoked."

        text = "Requests with it are refused within a second. This cannot be undone; the customer makes a new key."
        return self.perform(
            request, object_id, Deed("Revoke this key?", text, "Revoke", WithReason, run, is_grave=True)
        )

    def has_live_row_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the deed's key is not revoked; with the two below it decides which buttons a page has."""
        return ApiKey.objects.filter(pk=object_id, revoked_at=None).exists()

    def has_enabled_row_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return ApiKey.objects.filter(pk=object_id, revoked_at=None, enabled=True).exists()

    def has_disabled_row_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return ApiKey.objects.filter(pk=object_id, revoked_at=None, enabled=False).exists()


def state_of(row: ApiKey) -> str:
    """usable, not revealed, disabled, expired or revoked."""
    if row.revoked_at:
        return "revoked"
    if not row.enabled:
        return "disabled"
    if row.expires_at and row.expires_at <= timezone.now():
        return "expired"
    return "not revealed" if row.is_pending else "usable"
