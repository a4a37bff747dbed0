"""An alert that has fired, a place, and a message that was given up: rows as evaluation and delivery leave them."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from accounts.models import User, Workspace
from alerts.destinations import create_destination
from alerts.models import Alert, Attempt, Delivery, Destination, Event, Transition
from moondev.lib.queue import State

FAILURE = "It answered 503: try later."


def place_row(workspace: Workspace, by: User, **values: Any) -> Destination:
    """Mail to the maker, who belongs to the workspace."""
    given: Any = {"kind": "email", "name": "Mail", "settings": {"address": by.email}, **values}
    return create_destination(workspace=workspace, actor=by, **given).destination


def alert_row(workspace: Workspace, by: User, **values: Any) -> Alert:
    """A liquidation spike of a million USD in 15 minutes unless the values say otherwise."""
    given = {"kind": "liquidation_spike", "threshold": 1_000_000.0, "description": "Cascade", **values}
    return Alert.objects.create(workspace=workspace, created_by=by, **given)


def fire(alert: Alert, **values: Any) -> Event:
    """Let an alert have fired once more."""
    alert.excursion, alert.last_triggered_at, alert.value = alert.excursion + 1, timezone.now(), 1_250_000.0
    alert.phase, alert.is_open = "firing", True
    alert.save()
    Transition.objects.create(alert=alert, at=timezone.now(), before="normal", after="firing", value=1_250_000.0)
    given = {"kind": "fired", "excursion": alert.excursion, "value": 1_250_000.0, "threshold": 1_000_000.0, **values}
    return Event.objects.create(alert=alert, window_minutes=15, source="files", **given)


def give_up(event: Event, place: Destination) -> Delivery:
    """A message that was tried once and parked."""
    row = Delivery.objects.create(event=event, destination=place, state=State.PARKED, last_error=FAILURE, attempts=1)
    Attempt.objects.create(delivery=row, succeeded=False, status=503, said=FAILURE, took_ms=85)
    return row


def alert_ids(workspace: Workspace, by: User) -> dict[str, int | str]:
    """One of everything, by the names that addresses have for their ids."""
    place = place_row(workspace, by)
    alert = alert_row(workspace, by)
    alert.destinations.add(place)
    delivery = give_up(fire(alert), place)
    return {"alert_id": alert.pk, "destination_id": place.pk, "delivery_id": str(delivery.pk)}
