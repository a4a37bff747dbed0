"""Who gets which deliveries. At any moment one worker at most sends to a place, so that its limit can be kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Case, F, Min, Q, Value, When
from django.db.models.functions import Greatest

from alerts import rests
from alerts.models import Delivery
from alerts.operators import OPERATOR
from moondev.lib.clock import now
from moondev.lib.queue import QueueRows, State

LEASE = timedelta(seconds=60)


def claim(limit: int) -> list[Delivery]:
    """Up to `limit` due deliveries to places where nobody is sending, the oldest event first."""
    with transaction.atomic():
        rests.lock()
        taken = [row.pk for row in _free(now()).claim(limit, lease=LEASE)]
    if not taken:
        return []
    rows = Delivery.objects.filter(pk__in=taken).select_related("event__alert__workspace", "destination")
    found: list[Delivery] = list(rows.order_by("event__at", "event_id"))
    for row in found:
        # Someone was sending it and never told how that ended.
        row.may_repeat = row.may_repeat or row.posting_since is not None
    return found


def begin(rows: Sequence[Delivery]) -> set[UUID]:
    """Note that messages with these are about to leave, and put off the end of their lease.

    Returns the ids of those that still are ours and there.
    """
    moment = now()
    values = {"posting_since": moment, "lease_until": moment + LEASE}
    is_again = Case(When(Q(may_repeat=True) | Q(posting_since__isnull=False), then=Value(True)), default=Value(False))
    with transaction.atomic():
        ours = set(mine(rows).select_for_update().order_by("pk").values_list("pk", flat=True))
        Delivery.objects.filter(pk__in=ours).update(may_repeat=is_again, **values)
    for row in rows:
        if row.pk in ours:
            row.lease_until = values["lease_until"]
    return ours


def give_back(rows: Sequence[Delivery], *, after: timedelta | None = None) -> None:
    """Not tried, so it does not count as an attempt; due as before, or after a while."""
    when = {} if after is None else {"due_at": now() + after}
    mine(rows).update(state=State.WAITING, attempts=F("attempts") - 1, lease_until=None, **when)


def withdraw(rows: Sequence[Delivery]) -> None:
    """Forget rows by which nothing is owed any more."""
    mine(rows).delete()


def mine(rows: Sequence[Delivery]) -> QueueRows:
    """The rows as far as they still are under the lease with which we hold them."""
    found: QueueRows = Delivery.objects.filter(
        pk__in=[row.pk for row in rows], state=State.RUNNING, lease_until__in={row.lease_until for row in rows}
    )
    return found


def next_due() -> datetime | None:
    """When there will be something to do, as far as that is known. What a whole channel's pause holds is beat's."""
    waiting = Delivery.objects.filter(state=State.WAITING).exclude(rests.held(now()))
    # Greatest ignores what is empty.
    soonest: datetime | None = waiting.aggregate(at=Min(Greatest("due_at", "destination__paused_until")))["at"]
    return soonest


def _free(at: datetime) -> QueueRows:
    """Deliveries to places that take something and to which nobody is sending."""
    rows: QueueRows = Delivery.objects.exclude(destination__in=rests.taken(at).values("pk"))
    return rows.exclude(fallback=OPERATOR) if rests.is_operator_taken(at) else rows
