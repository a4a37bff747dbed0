"""Alerts: what is watched, what became of it, and the messages that are owed for it."""

from alerts.models.alert import Alert, AlertQuerySet, AlertSettings, Transition
from alerts.models.delivery import Attempt, Delivery, Pause, Remnant
from alerts.models.destination import Destination
from alerts.models.event import Event
from alerts.models.tick import Tick, WhaleCount

__all__ = [
    "Alert",
    "AlertQuerySet",
    "AlertSettings",
    "Attempt",
    "Delivery",
    "Destination",
    "Event",
    "Pause",
    "Remnant",
    "Tick",
    "Transition",
    "WhaleCount",
]
