"""When nothing is sent to a place: the other side asked us to wait, or somebody is sending there.

What shares one limit at the other side is a bucket: a Discord webhook, in however many destinations it stands, the
operator's channel among them. A bucket rests as a whole, and no rest makes another one shorter.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Greatest

from alerts.channels.posting import ANSWER_SECONDS
from alerts.models import Delivery, Destination, Pause
from alerts.operators import KIND, OPERATOR, operators_bucket
from moondev.lib.clock import now
from moondev.lib.errors import Conflict
from moondev.lib.queue import State

# Any number that no other part of the product takes.
LOCK = 0x64656C6976
# Longer than a request takes, so that nobody else begins one meanwhile.
HELD = ANSWER_SECONDS + 2.0


def lock() -> None:
    """Let nobody else take places until the transaction ends: two at once would not see what the other one took."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def taken(at: datetime) -> QuerySet[Destination]:
    """The destinations to which nothing may be sent at a moment."""
    sending = _sending(at)
    is_sent_to = Q(pk__in=sending.filter(destination__isnull=False).values("destination"))
    shares = Q(bucket__in=sending.filter(destination__bucket__gt="").values("destination__bucket"))
    # Without such a channel it has no bucket, which is no bucket that others share.
    if (bucket := operators_bucket()) and sending.filter(fallback=OPERATOR).exists():
        shares |= Q(bucket=bucket)
    rows: QuerySet[Destination] = Destination.objects.filter(
        is_sent_to | shares | Q(paused_until__gt=at) | Q(kind__in=_paused(at))
    )
    return rows


def is_operator_taken(at: datetime) -> bool:
    """Whether nothing may be sent to the operator's channel at a moment."""
    if _paused(at) & {OPERATOR, KIND}:
        return True
    bucket = operators_bucket()
    shares = Q(destination__bucket=bucket) if bucket else Q(pk__in=[])
    return _sending(at).filter(Q(fallback=OPERATOR) | shares).exists()


def held(at: datetime) -> Q:
    """Deliveries by channels that take nothing at all at a moment."""
    paused = _paused(at)
    by_place = Q(destination__in=Destination.objects.filter(kind__in=paused).values("pk"))
    return by_place | Q(fallback=OPERATOR) if paused & {OPERATOR, KIND} else by_place


def rest(destination: Destination | None, bucket: str, seconds: float) -> datetime:
    """Send nothing to a destination, and to all of its bucket, for a while; returns the moment of its end."""
    until = now() + timedelta(seconds=seconds)
    _same(destination, bucket).update(paused_until=Greatest("paused_until", Value(until)))
    if bucket and bucket == operators_bucket():
        rest_all(OPERATOR, until)
    return until


def rest_all(name: str, until: datetime) -> None:
    """Send nothing by a whole channel, or to the operator's, before a moment."""
    _, is_new = Pause.objects.get_or_create(name=name, defaults={"until": until})
    if not is_new:
        Pause.objects.filter(name=name).update(until=Greatest("until", Value(until)))


@transaction.atomic
def hold(destination: Destination) -> datetime:
    """Keep a place for one request of ours. Raises Conflict while it rests or somebody is sending there."""
    lock()
    moment = now()
    row = Destination.objects.get(pk=destination.pk)
    left = _left(row, moment)
    if left > 0:
        raise Conflict(f"Something was sent there just now. Try again in {math.ceil(left)} seconds.")
    if taken(moment).filter(pk=row.pk).exists():
        raise Conflict("A message is on its way there. Try again in a few seconds.")
    return rest(row, row.bucket, HELD)


def release(destination: Destination, held: datetime, seconds: float) -> None:
    """End what `hold` returned; the place rests for so many seconds from now on."""
    until = now() + timedelta(seconds=seconds)
    _same(destination, destination.bucket).filter(paused_until=held).update(paused_until=until)
    Pause.objects.filter(name=OPERATOR, until=held).update(until=until)


def _same(destination: Destination | None, bucket: str) -> QuerySet[Destination]:
    own = Q(pk=destination.pk) if destination else Q(pk__in=[])
    rows: QuerySet[Destination] = Destination.objects.filter(own | Q(bucket=bucket) if bucket else own)
    return rows


def _left(row: Destination, at: datetime) -> float:
    """For how many seconds a place still rests, by itself or with its channel."""
    ends = [row.paused_until, *Pause.objects.filter(name=row.kind).values_list("until", flat=True)]
    return max((end - at).total_seconds() if end else 0.0 for end in ends)


def _sending(at: datetime) -> QuerySet[Delivery]:
    rows: QuerySet[Delivery] = Delivery.objects.filter(state=State.RUNNING, lease_until__gt=at)
    return rows


def _paused(at: datetime) -> set[str]:
    return set(Pause.objects.filter(until__gt=at).values_list("name", flat=True))
