"""Invitations and the audit log, as staff see them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, FieldTextFilter
from unfold.decorators import display

from accounts.models import AuditEntry, Invitation
from accounts.staff.base import StaffAdmin
from accounts.staff.days import DaysFilter

LABELS = {"open": "info", "accepted": "success", "revoked": "danger", "expired": "warning"}


class InvitationStaff(StaffAdmin):
    """Who was invited where, to be looked at: members are the workspace's own affair.

    The link itself is in the invited person's mail and nowhere else.
    """

    list_display = ("email", "workspace", "role", "state", "invited_by", "created_at", "expires_at")
    list_select_related = ("workspace", "invited_by")
    list_filter = (("role", ChoicesDropdownFilter), ("created_at", DaysFilter), ("expires_at", DaysFilter))
    search_fields = ("email", "workspace__name", "workspace__slug")
    fields = readonly_fields = (
        "email",
        "workspace",
        "role",
        "state",
        "invited_by",
        "created_at",
        "expires_at",
        "accepted_at",
        "revoked_at",
    )
    ordering = ("-created_at", "-id")

    @display(description="State", label=LABELS)
    def state(self, row: Invitation) -> str:
        return state_of(row)


def state_of(row: Invitation) -> str:
    """open, accepted, revoked or expired."""
    if row.accepted_at:
        return "accepted"
    if row.revoked_at:
        return "revoked"
    return "expired" if row.expires_at <= timezone.now() else "open"


class AuditStaff(StaffAdmin):
    """What was done. Nobody changes it, here or elsewhere."""

    list_display = ("at", "action", "target", "actor_label", "workspace", "summary")
    list_select_related = ("workspace",)
    list_filter = (("action", FieldTextFilter), ("at", DaysFilter))
    search_fields = ("action", "target", "actor_label", "workspace__slug", "workspace__name")
    fields = readonly_fields = ("at", "action", "target", "actor_label", "workspace", "details")
    ordering = ("-at", "-id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        rows: QuerySet[AuditEntry] = super().get_queryset(request)
        return rows.select_related("workspace")

    @display(description="What changed")
    def summary(self, row: AuditEntry) -> str:
        text = _in_words(row.data)
        return text if len(text) <= 100 else f"{text[:99]}…"

    @display(description="Details")
    def details(self, row: AuditEntry) -> SafeString:
        text = json.dumps(row.data, ensure_ascii=False, default=str, indent=2, sort_keys=True)
        return format_html('<pre class="st-code">{}</pre>', text)


def _in_words(data: dict[str, Any]) -> str:
    """`alerts 20 → 21; reason: pilot`: what changed first, then what else was noted."""
    changed = data.get("changed")
    pairs = changed.items() if isinstance(changed, dict) else ()
    edits = [f"{name} {_value(was)} → {_value(now)}" for name, (was, now) in pairs]
    notes = [
        f"{name}: {_value(value)}" for name, value in data.items() if name != "changed" and value not in (None, "")
    ]
    return "; ".join(edits + notes)


def _value(value: Any) -> Any:
    """A moment without its seconds, in UTC like the rest of the site; anything else as it is."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return value
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}" if moment.tzinfo else value
