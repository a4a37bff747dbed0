"""Messages that are owed, were sent or were given up, with every try; and the page over all of alerting."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from accounts import audit
from accounts.staff.base import Confirm, Deed, StaffAdmin, StaffInline, button, staff_of
from accounts.staff.days import DaysFilter
from alerts.destinations import resend
from alerts.models import Attempt, Delivery
from alerts.portal.words import name_of, place_word
from alerts.staff.overview import OWED, overview_page
from moondev.lib.queue import State

LABELS = {"waiting": "info", "running": "info", "done": "success", "parked": "danger"}
LOOKS = {"owed": Q(state__in=OWED), "parked": Q(state=State.PARKED), "done": Q(state=State.DONE)}


class StateFilter(DropdownFilter):
    title = "state"
    parameter_name = "look"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("owed", "Owed"), ("parked", "Given up"), ("done", "Sent")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        return queryset.filter(LOOKS.get(self.value() or "", Q()))


class AttemptInline(StaffInline):
    """Every try, newest first."""

    model = Attempt
    verbose_name_plural = "tries"
    show_change_link = False
    fields = readonly_fields = ("at", "succeeded", "status", "said", "took_ms")


class DeliveryStaff(StaffAdmin):
    """Messages, newest first. Of the place only its name is shown: what lets one post there is a secret."""

    list_display = ("created_at", "workspace", "alert", "what", "where", "state_label", "attempts", "last_error")
    list_select_related = ("event__alert__workspace", "destination")
    list_filter = (StateFilter, ("created_at", DaysFilter))
    search_fields = ("event__alert__id", "event__alert__workspace__slug", "destination__name")
    ordering = ("-created_at", "id")
    inlines = (AttemptInline,)
    readonly_fields = (
        "id", "workspace", "alert", "what", "where", "state_label", "attempts", "due_at", "last_error", "created_at",
        "finished_at", "message_id", "may_repeat",
    )  # fmt: skip
    fieldsets = (
        ("Message", {"fields": ("id", "workspace", "alert", "what", "where", "created_at")}),
        ("Work", {"fields": ("state_label", "attempts", "due_at", "finished_at", "last_error")}),
        ("At the other side", {"fields": ("message_id", "may_repeat")}),
    )
    actions_detail = ("send_again",)

    def get_urls(self) -> list[URLPattern]:
        report = path("overview/", self.admin_site.admin_view(self.overview), name="alerts_overview")
        return [report, *super().get_urls()]

    def overview(self, request: HttpRequest) -> HttpResponse:
        """How far evaluation and delivery are, what fails, and who has how much."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {**self.admin_site.each_context(request), "title": "Alerting", "opts": self.opts, **overview_page()}
        return TemplateResponse(request, "staff/alerts.html", context)

    @display(description="Workspace")
    def workspace(self, row: Delivery) -> str:
        return str(row.event.alert.workspace)

    @display(description="Alert")
    def alert(self, row: Delivery) -> str:
        return f"{name_of(row.event.alert)} ({row.event.alert_id})"

    @display(description="What")
    def what(self, row: Delivery) -> str:
        return str(row.event.kind)

    @display(description="Place")
    def where(self, row: Delivery) -> str:
        return place_word(row)

    @display(description="State", ordering="state", label=LABELS)
    def state_label(self, row: Delivery) -> str:
        return str(row.state)

    @button("Send again", url_path="send-again", permissions=("send_again",), icon="replay")
    def send_again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        def run(row: Delivery, _: dict[str, Any]) -> str:
            resend(delivery=row, actor=None)
            audit.record(
                action="staff.message_resent", workspace=row.event.alert.workspace, actor=staff_of(request),
                target=str(row.pk),
            )  # fmt: skip
            return "The message is in the queue again and is sent within seconds."

        text = "The customer's place gets it as it was, with the same delivery id."
        return self.perform(request, object_id, Deed("Send this message again?", text, "Send again", Confirm, run))

    def has_send_again_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether this person may, the message was given up, and its place still takes something."""
        rows = Delivery.objects.filter(pk=object_id, state=State.PARKED)
        takes = rows.filter(destination__disabled_at=None, destination__deleted_at=None)
        return self.has_deed_permission(request) and takes.exists()
