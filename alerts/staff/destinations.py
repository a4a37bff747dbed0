"""The places of all customers, as far as they may be shown, and what staff do for one that fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.admin.utils import unquote
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import display

from accounts import audit
from accounts.staff.base import Deed, StaffAdmin, WithReason, button, staff_of
from alerts.destinations import enable_destination, resend_missed
from alerts.models import Delivery, Destination
from moondev.lib.queue import State

LABELS = {"in use": "success", "failing": "warning", "switched off": "danger", "deleted": "default"}
LOOKS = {
    "failing": Q(failures__gt=0, disabled_at=None, deleted_at=None),
    "off": Q(disabled_at__isnull=False, deleted_at=None),
    "use": Q(failures=0, disabled_at=None, deleted_at=None),
}


class StateFilter(DropdownFilter):
    title = "state"
    parameter_name = "look"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("failing", "Failing"), ("off", "Switched off"), ("use", "In use")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Destination]) -> QuerySet[Destination]:
        return queryset.filter(LOOKS.get(self.value() or "", Q()))


class DestinationStaff(StaffAdmin):
    """Places by customer. The hint is all of the address that anybody sees."""

    list_display = ("name", "workspace", "kind", "state", "failures", "missed", "hint", "created_at")
    list_select_related = ("workspace",)
    list_filter = (StateFilter, ("kind", ChoicesDropdownFilter))
    search_fields = ("name", "workspace__name", "workspace__slug")
    ordering = ("-created_at", "-id")
    readonly_fields = (
        "name", "workspace", "kind", "hint", "state", "failures", "missed", "is_default", "paused_until", "disabled_at",
        "disabled_because", "owner_told_at", "created_by", "created_at", "deleted_at",
    )  # fmt: skip
    fieldsets = (
        ("Place", {"fields": ("name", "workspace", "kind", "hint", "is_default", "created_by", "created_at")}),
        ("State", {"fields": ("state", "failures", "missed", "paused_until")}),
        ("End", {"fields": ("disabled_at", "disabled_because", "owner_told_at", "deleted_at")}),
    )
    actions_detail = ("switch_on", "send_missed")

    def attach(self, rows: list[Any]) -> None:
        """How many messages each place missed, in one query."""
        missed = Delivery.objects.filter(destination__in=[row.pk for row in rows], state=State.PARKED).order_by()
        counts = dict(missed.values("destination_id").annotate(n=Count("pk")).values_list("destination_id", "n"))
        for row in rows:
            row.missed_count = counts.get(row.pk, 0)

    @display(description="Missed")
    def missed(self, row: Any) -> str:
        return f"{row.missed_count:,}"

    @display(description="State", label=LABELS)
    def state(self, row: Destination) -> str:
        if row.deleted_at is not None:
            return "deleted"
        if row.disabled_at is not None:
            return "switched off"
        return "failing" if row.failures else "in use"

    @button("Switch on", url_path="switch-on", permissions=("switch_on",), icon="play_arrow")
    def switch_on(self, request: HttpRequest, object_id: str) -> HttpResponse:
        def run(row: Destination) -> str:
            enable_destination(destination=row, actor=None)
            return "Messages go there again. What was missed is sent by “Send what was missed”."

        text = "The other side takes nothing any more, or a member switched it off. Ask the customer first."
        return self._do(request, object_id, "Switch this place on?", text, "Switch on", run)

    @button("Send what was missed", url_path="send-missed", permissions=("send_missed",), icon="replay")
    def send_missed(self, request: HttpRequest, object_id: str) -> HttpResponse:
        def run(row: Destination) -> str:
            return f"{resend_missed(destination=row, actor=None):,} messages are in the queue again."

        text = "Every message that was given up for this place is sent again, the old ones too."
        return self._do(request, object_id, "Send what was missed?", text, "Send again", run)

    def _do(
        self, request: HttpRequest, object_id: str, title: str, text: str, word: str, run: Callable[[Destination], str]
    ) -> HttpResponse:
        """Ask for a reason, do it in the customer's stead, and note who did so."""

        def explained(row: Destination, values: dict[str, Any]) -> str:
            said = run(row)
            audit.record(
                action="staff.destination_changed", workspace=row.workspace, actor=staff_of(request), target=row.name,
                deed=word, reason=values["reason"],
            )  # fmt: skip
            return said

        return self.perform(request, object_id, Deed(title, text, word, WithReason, explained))

    def has_switch_on_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._may(request, object_id, disabled_at__isnull=False)

    def has_send_missed_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._may(request, object_id, disabled_at=None, deliveries__state=State.PARKED)

    def _may(self, request: HttpRequest, object_id: Any, **where: Any) -> bool:
        """Whether this person may do deeds, and there is something to do."""
        rows = Destination.objects.filter(pk=unquote(object_id), deleted_at=None, workspace__closed_at=None, **where)
        return self.has_deed_permission(request) and rows.exists()
