"""What an alert had to say, where the messages went, and every try to send one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.owned import OwnedModelAdmin
from accounts.portal.pages import DEED, Page, person
from accounts.roles import Deed
from alerts import destinations
from alerts.models import Alert, Attempt, Delivery, Event, Transition
from alerts.portal.words import PHASES, Word, delivery_word, event_word, place_word
from alerts.rules.numbers import threshold_said
from alerts.rules.registry import RULES
from alerts.wording import because_of, details_said
from moondev.lib.queue import State

PER_PAGE = 20
LATEST_CHANGES = 30


@dataclass(frozen=True, slots=True)
class Sending:
    """One message to one place."""

    row: Delivery
    place: str
    state: Word
    tries: list[Attempt]
    may_resend: bool


@dataclass(frozen=True, slots=True)
class Happening:
    """One event with the messages that were owed for it."""

    event: Event
    word: Word
    value: str
    threshold: str
    details: str
    sendings: list[Sending]


def history_of(alert: Alert, page: str | None, *, may_resend: bool) -> dict[str, Any]:
    """A page of what happened, newest first, and the latest changes of state."""
    tries = Prefetch("tries", Attempt.objects.order_by("at", "id"))
    rows = Delivery.objects.select_related("destination").prefetch_related(tries).order_by("created_at", "id")
    events = Event.objects.filter(alert=alert).prefetch_related(Prefetch("deliveries", rows))
    shown = Paginator(events, PER_PAGE).get_page(page)
    changes = Transition.objects.filter(alert=alert)[:LATEST_CHANGES]
    return {
        "page": shown,
        "happenings": [_happening(alert, event, may_resend=may_resend) for event in shown.object_list],
        "changes": [
            {
                "row": row,
                "before": PHASES[row.before][0],
                "after": Word(*PHASES[row.after]),
                "value": _said(alert, row.value),
            }
            for row in changes
        ],
    }


def _happening(alert: Alert, event: Event, *, may_resend: bool) -> Happening:
    # Its words are those of the alert's kind: one that is here already.
    event.alert = alert
    sendings = [
        Sending(row, place_word(row), delivery_word(row), list(row.tries.all()), may_resend and _can_be_resent(row))
        for row in event.deliveries.all()
    ]
    threshold = threshold_said(RULES[alert.kind], event.threshold)
    details = because_of(event) or details_said(event)
    return Happening(event, event_word(event), _said(alert, event.value), threshold, details, sendings)


def _can_be_resent(row: Delivery) -> bool:
    """Whether a message was given up and its place still takes something."""
    place = row.destination
    return row.state == State.PARKED and (place is None or place.deleted_at is place.disabled_at is None)


def _said(alert: Alert, value: float | None) -> str:
    return "no value" if value is None else RULES[alert.kind].say(value)


class DeliveryAdmin(OwnedModelAdmin):
    """Messages have one button and no page of their own: they are shown in their alert's history."""

    workspace_path = "event__alert__workspace"
    deeds: ClassVar = {"view": Deed.READ, "change": Deed.WRITE}

    def portal_pages(self) -> tuple[Page, ...]:
        return (
            Page("alerts/deliveries/<str:delivery_id>/resend/", "delivery-resend", self.resend, DEED, back="alerts",
                 deed=Deed.WRITE),
        )  # fmt: skip

    def resend(self, request: HttpRequest, delivery_id: str) -> HttpResponse:
        row: Delivery = self.get_object(request, delivery_id)
        destinations.resend(delivery=row, actor=person(request))
        messages.success(request, "The message is on its way again.")
        return redirect("portal:alert", alert_id=row.event.alert_id)
