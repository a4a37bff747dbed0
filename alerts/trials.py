"""Tests of an alert: an event of its own that goes where the alert's messages go."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Max

from alerts import outbox
from alerts.aggregates.reading import read_one
from alerts.models import Alert, Event
from alerts.restart import said
from alerts.rules.registry import RULES
from alerts.rules.shapes import config_of, state_of
from moondev.lib.clock import now
from moondev.lib.errors import TooManyRequests

# Tests are sent whatever is muted, so they have a limit of their own.
MOST, SPAN = 10, timedelta(minutes=1)


def send(alert: Alert) -> Event:
    """Store a test with the present value and what is owed for it; the workspace's row is locked by the caller."""
    at = now()
    tests = Event.objects.filter(kind=Event.Kind.TEST)
    if tests.filter(alert__workspace=alert.workspace_id, at__gt=at - SPAN).count() >= MOST:
        seconds = int(SPAN.total_seconds())
        raise TooManyRequests(
            f"A workspace may send {MOST} tests a minute. Wait a little.", headers={"Retry-After": str(seconds)}
        )
    last = tests.filter(alert=alert).aggregate(last=Max("excursion"))["last"] or 0
    event = said(alert, Event.Kind.TEST, last + 1, at=at, value=value_of(alert))
    event.save()
    outbox.owe([event])
    return event


def value_of(alert: Alert) -> float | None:
    """The value that the alert would be compared by at this moment; None where there are no data."""
    config = config_of(alert)
    return RULES[alert.kind].evaluate(config, read_one(config), state_of(alert)).value
