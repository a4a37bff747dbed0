"""What Stripe told us, as it was told, and what became of it."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, FieldTextFilter
from unfold.decorators import display

from accounts.staff.base import Confirm, Deed, StaffAdmin, button, staff_of
from accounts.staff.days import DaysFilter
from billing import services
from billing.models import StripeEvent
from moondev.lib.queue import State

LABELS = {"waiting": "info", "running": "info", "done": "success", "parked": "danger"}


class StripeEventStaff(StaffAdmin):
    """Events, newest first. Processing one again changes nothing that is right already."""

    list_display = ("created_at", "type", "state_label", "object_id", "customer_id", "attempts", "last_error")
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("type", FieldTextFilter),
        ("created_at", DaysFilter),
    )
    search_fields = ("id", "object_id", "customer_id")
    ordering = ("-created_at", "-id")
    readonly_fields = (
        "id",
        "type",
        "state_label",
        "object_id",
        "customer_id",
        "created_at",
        "received_at",
        "finished_at",
        "attempts",
        "last_error",
        "livemode",
        "content",
    )
    fieldsets = (
        ("Event", {"fields": ("id", "type", "object_id", "customer_id", "livemode", "created_at", "received_at")}),
        ("Work", {"fields": ("state_label", "attempts", "last_error", "finished_at")}),
        ("As Stripe sent it", {"fields": ("content",)}),
    )
    actions_detail = ("replay",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[StripeEvent]:
        """Without the payloads: a list of fifty would carry megabytes."""
        rows: QuerySet[StripeEvent] = super().get_queryset(request)
        return rows.defer("payload")

    @display(description="State", ordering="state", label=LABELS)
    def state_label(self, row: StripeEvent) -> str:
        return str(row.state)

    @display(description="Payload")
    def content(self, row: StripeEvent) -> SafeString:
        text = json.dumps(row.payload, ensure_ascii=False, indent=2)
        return format_html('<pre class="st-code">{}</pre>', text)

    @button("Process again", url_path="replay", permissions=("replay",), icon="replay")
    def replay(self, request: HttpRequest, object_id: str) -> HttpResponse:
        def run(row: StripeEvent, _: dict[str, Any]) -> str:
            services.replay_event(event=row, actor=staff_of(request))
            return "The event is in the queue again and is processed within seconds."

        text = (
            "What the event is about is read from Stripe as it is now, and plan and packs follow that. "
            "An old event never brings an old state back."
        )
        return self.perform(request, object_id, Deed("Process this event again?", text, "Process again", Confirm, run))

    def has_replay_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether this person may, and nobody works on the event at this moment."""
        if not self.has_deed_permission(request):
            return False
        return StripeEvent.objects.filter(pk=unquote(object_id)).exclude(state=State.RUNNING).exists()
