"""Deleting alerts. What was told to fire is told to be over first, so that no message says for ever that it fires."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from alerts.models import Alert, Delivery, Event, Remnant
from alerts.restart import DELETED, tell_end
from moondev.lib.clock import now
from moondev.lib.queue import QueueRows, State

# After so long without success nobody waits any more for an end to be told.
LONGEST = timedelta(days=1)
OWED = (State.WAITING, State.RUNNING)


def delete(alert: Alert) -> None:
    """Delete a locked alert, at once or as soon as its end is told; from now on nobody sees it."""
    at = now()
    _forget_unheard(alert)
    if alert.is_open and _is_told(alert):
        tell_end(alert, DELETED, at)
    if not _owed_by(alert).filter(event__kind=Event.Kind.RESOLVED).exists():
        _drop([alert])
        return
    alert.deleted_at, alert.enabled, alert.is_open = at, False, False
    alert.save(update_fields=["deleted_at", "enabled", "is_open"])


def _owed_by(alert: Alert) -> QueueRows:
    rows: QueueRows = Delivery.objects.filter(event__alert=alert, state__in=OWED)
    return rows


def _forget_unheard(alert: Alert) -> None:
    """Owe nothing of which nobody has heard yet; the end of what somebody has heard of stays owed."""
    waiting = _owed_by(alert).filter(state=State.WAITING)
    waiting.exclude(event__kind=Event.Kind.RESOLVED).delete()
    firing = Delivery.objects.filter(
        event__alert=alert, event__kind=Event.Kind.FIRED, event__excursion=OuterRef("event__excursion")
    )
    waiting.filter(~_is_same_place(firing)).delete()


def _is_told(alert: Alert) -> bool:
    """Whether anybody has heard, or hears just now, of the firing that lasts."""
    firing = Delivery.objects.filter(
        event__alert=alert, event__excursion=alert.excursion, event__kind=Event.Kind.FIRED, destination__deleted_at=None
    )
    return firing.exists()


@transaction.atomic
def forget() -> int:
    """Delete those for which nothing is owed any more; returns how many there were."""
    owed = Delivery.objects.filter(event__alert=OuterRef("pk"), state__in=OWED)
    rows = Alert.everything.select_for_update(skip_locked=True).exclude(deleted_at=None)
    done = list(rows.filter(~Exists(owed) | Q(deleted_at__lt=now() - LONGEST)))
    if done:
        _drop(done)
    return len(done)


def _drop(alerts: Sequence[Alert]) -> None:
    """Delete alerts with all that is theirs; what others' changes of a message must not take away is kept."""
    posted = Delivery.objects.filter(event__alert__in=alerts, shown__isnull=False).exclude(message_id="")
    messages = set(posted.values_list("message_id", flat=True))
    others = _firings_beside().exclude(event__alert__in=alerts)
    shared = posted.filter(_is_same_place(others)).select_related("event__alert")
    Remnant.objects.bulk_create(map(_remnant_of, shared))
    Alert.everything.filter(pk__in=[alert.pk for alert in alerts]).delete()
    _sweep(messages)


def _remnant_of(row: Delivery) -> Remnant:
    return Remnant(
        workspace_id=row.event.alert.workspace_id, destination_id=row.destination_id, fallback=row.fallback,
        message_id=row.message_id, place=row.place, shown=row.shown,
    )  # fmt: skip


def _sweep(messages: Collection[str]) -> None:
    """Forget what is left in messages that nobody will change any more."""
    Remnant.objects.filter(~_is_same_place(_firings_beside()), message_id__in=messages).delete()


def _firings_beside() -> QueueRows:
    """The firings in the message of the row in question."""
    rows: QueueRows = Delivery.objects.filter(event__kind=Event.Kind.FIRED, message_id=OuterRef("message_id"))
    return rows


def _is_same_place(rows: QueueRows) -> Q:
    """Whether some of these deliveries went where the row in question did."""
    fallback = rows.filter(destination=None, fallback=OuterRef("fallback"))
    return Q(Exists(rows.filter(destination=OuterRef("destination")))) | Q(Exists(fallback), destination=None)
