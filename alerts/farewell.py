"""Deleting alerts. What was told to fire is told to be over first, so that no message says for ever that it fires."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q

from alerts.models import Alert, Delivery, Event
from alerts.restart import DELETED, tell_end
from moondev.lib.clock import now
from moondev.lib.queue import State

# After so long without success nobody waits any more for an end to be told.
LONGEST = timedelta(days=1)
OWED = (State.WAITING, State.RUNNING)


def delete(alert: Alert) -> None:
    """Delete a locked alert, at once or as soon as its end is told; from now on nobody sees it."""
    at = now()
    # Nobody has heard of these yet.
    Delivery.objects.filter(event__alert=alert, state=State.WAITING).delete()
    if not (alert.is_open and _is_told(alert) and tell_end(alert, DELETED, at)):
        alert.delete()
        return
    alert.deleted_at, alert.enabled, alert.is_open = at, False, False
    alert.save(update_fields=["deleted_at", "enabled", "is_open"])


def _is_told(alert: Alert) -> bool:
    """Whether anybody has heard, or hears just now, of the firing that lasts."""
    firing = Delivery.objects.filter(
        event__alert=alert, event__excursion=alert.excursion, event__kind=Event.Kind.FIRED, destination__deleted_at=None
    )
    return firing.exists()


def forget() -> int:
    """Delete those for which nothing is owed any more; returns how many there were."""
    owed = Delivery.objects.filter(event__alert=OuterRef("pk"), state__in=OWED)
    done = Alert.everything.exclude(deleted_at=None).filter(~Exists(owed) | Q(deleted_at__lt=now() - LONGEST))
    _, counts = done.delete()
    return counts.get(Alert._meta.label, 0)
