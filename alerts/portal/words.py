"""Alerts in words: what one watches, in which state it is, what became of a message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from alerts.models import Alert, Delivery, Destination, Event
from alerts.models.alert import Phase
from alerts.rules.numbers import threshold_said
from alerts.rules.registry import RULES
from alerts.rules.shapes import config_of
from alerts.silence import silenced_because
from alerts.wording import window_words
from moondev.lib.queue import State

PHASES: Mapping[str, tuple[str, str]] = {
    Phase.NORMAL: ("Normal", "good"),
    Phase.PENDING: ("Pending", "info"),
    Phase.FIRING: ("Firing", "bad"),
    Phase.RECOVERING: ("Recovering", "warn"),
    Phase.NO_DATA: ("No data", "warn"),
    Phase.ERROR: ("Error", "bad"),
}
EVENTS: Mapping[str, tuple[str, str]] = {
    Event.Kind.FIRED: ("Fired", "bad"),
    Event.Kind.RESOLVED: ("Resolved", "good"),
    Event.Kind.NO_DATA: ("No data", "warn"),
    Event.Kind.TEST: ("Test", "info"),
}
DELIVERIES: Mapping[str, tuple[str, str]] = {
    State.WAITING: ("Waiting", "info"),
    State.RUNNING: ("Being sent", "info"),
    State.DONE: ("Sent", "good"),
    State.PARKED: ("Given up", "bad"),
}
FALLBACKS = {"operator": "The operator's channel", "owner": "E-mail to the owner"}


@dataclass(frozen=True, slots=True)
class Word:
    """A state for people; `tone` is the badge's colour class."""

    word: str
    tone: str


def name_of(alert: Alert) -> str:
    """What an alert is called: its description, else its type and symbol."""
    return alert.description or f"{RULES[alert.kind].TITLE}, {alert.symbol or 'all symbols'}"


def state_of(alert: Alert) -> Word:
    """Whether it is looked at, and where it stands if so."""
    if alert.over_plan:
        return Word("Over the plan", "warn")
    if not alert.enabled:
        return Word("Paused", "")
    return Word(*PHASES[alert.phase])


def quiet_of(alert: Alert, muted_until: datetime | None, at: datetime) -> str:
    """Why nothing would be sent at this moment; empty when it would."""
    return silenced_because(alert, muted_until=muted_until, at=at)


def condition_of(alert: Alert) -> str:
    """`at least 1,000,000 USD over 1 hour`."""
    rule = RULES[alert.kind]
    window = rule.aggregate_of(config_of(alert)).window_minutes
    return f"at least {threshold_said(rule, alert.threshold)}" + (f" over {window_words(window)}" if window else "")


def recovery_of(alert: Alert) -> str:
    """`15,000,000 USD`, below which an excursion is over; empty where that is the threshold itself."""
    found = alert.recovery_threshold
    return "" if found is None else threshold_said(RULES[alert.kind], found)


def side_of(alert: Alert) -> str:
    """Which side counts, in the type's own words; empty where it has none."""
    rule = RULES[alert.kind]
    return rule.DIRECTIONS.get(alert.direction, "") if len(rule.DIRECTIONS) > 1 else ""


def event_word(event: Event) -> Word:
    return Word(*EVENTS[event.kind])


def delivery_word(delivery: Delivery) -> Word:
    return Word(*DELIVERIES[delivery.state])


def place_word(delivery: Delivery) -> str:
    """Where a message goes."""
    return delivery.destination.name if delivery.destination else FALLBACKS.get(delivery.fallback, "Nowhere")


def destination_word(row: Destination) -> Word:
    """Whether something may be sent to a place."""
    if row.disabled_at is not None:
        return Word("Switched off", "bad")
    if row.failures:
        return Word("Failing", "warn")
    return Word("In use", "good")
