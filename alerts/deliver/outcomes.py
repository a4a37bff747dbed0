"""What becomes of a message: sent, to be sent later, given up, or a place to which nothing is sent any more.

Retrying lives here and nowhere else. Every request leaves an attempt that the customer can see.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta

import structlog
from django.db import transaction

from alerts import rests
from alerts.channels.shapes import ChannelError, Sent
from alerts.deliver.claims import give_back, mine, withdraw
from alerts.deliver.counted import DELIVERIES
from alerts.deliver.jobs import Job, Outcome, post
from alerts.deliver.places import OFF, Place
from alerts.destinations import switch_off
from alerts.models import Attempt, Delivery, Remnant
from alerts.operators import OPERATOR
from moondev.lib.clock import now
from moondev.lib.queue import State
from moondev.lib.redact import redact_text

# After each failure of a place in a row, with up to a third more, so that not everything comes back at once.
WAITS = (2, 5, 15, 60, 300, 900, 1800, 3600)
# About six hours; then a delivery is parked for a person.
TRIES = 12
# Claimed so often and never settled: the process ended each time, perhaps because of this message.
MOST_CLAIMS = 2 * TRIES
# Seconds for which the operator's channel rests when it refuses everything: nobody can switch it off here.
OPERATORS_REST = 300.0
LONGEST_SAID = 500
log = structlog.get_logger(__name__)


def settle_sent(landed: Sequence[tuple[Job, Outcome]]) -> list[str]:
    """Store messages that were taken, all at once; returns the lanes that rest now."""
    with transaction.atomic():
        _note(landed)
        posted = [row for job, outcome in landed for row in _posted(job, outcome)]
        mine(posted).bulk_update(posted, ["message_id", "place", "shown"])
        Delivery.objects.bulk_update([row for job, _ in landed for row in _changed(job)], ["shown"])
        mine([row for job, _ in landed for row in job.rows]).update(
            state=State.DONE, finished_at=now(), lease_until=None, last_error="", posting_since=None
        )
        for job, _ in landed:
            DELIVERIES.labels(job.place.kind, "sent").inc(len(job.rows))
        return [job.place.lane for job, outcome in landed if _rest(job.place, _wait_of(outcome), failures=0)]


def settle_failed(job: Job, outcome: Outcome, error: ChannelError) -> list[Job] | None:
    """Store that a message was not taken; returns what to do in its lane next. None: nothing more for now."""
    with transaction.atomic():
        _note([(job, outcome)])
        # What may have arrived stays noted as being sent, so that the next message says that it may be a repeat.
        if not error.may_have_arrived:
            mine(job.rows).update(posting_since=None)
        following = _following(job, error)
        if not _rest(job.place, error.wait):
            return following
        give_back([row for each in following or () for row in each.rows])
        return None


def _following(job: Job, error: ChannelError) -> list[Job] | None:
    """What is tried next because of a refusal. None: nothing, for now or for good."""
    if error.gone and job.message_id:
        return _anew(job)
    if error.permanent and not error.disables:
        return _refused(job, error)
    _stop(job, error)
    return None


def _stop(job: Job, error: ChannelError) -> None:
    """For now or for good nothing more is sent to this place."""
    if error.is_limit:
        _limited(job, error)
    elif error.disables:
        _ended(job.place, job.rows, error.message)
    else:
        _failed(job, error)


def close(place: Place | None, rows: Sequence[Delivery], error: ChannelError) -> None:
    """Park rows to whose place nothing may be sent; switch a destination off that is no use any more."""
    destination = rows[0].destination
    with transaction.atomic():
        if error.disables and destination is not None:
            switch_off(destination, error.message)
        park(rows, error.message, place.kind if place else "none")


def park(rows: Sequence[Delivery], error: str, channel: str) -> None:
    """Give rows up until a person has them sent again."""
    values = {"state": State.PARKED, "finished_at": now(), "lease_until": None, "last_error": error[:LONGEST_SAID]}
    mine(rows).update(**values)
    DELIVERIES.labels(channel, "parked").inc(len(rows))


def _note(landed: Sequence[tuple[Job, Outcome]]) -> None:
    """One attempt for each delivery. An alert may be deleted while its message is on its way."""
    rows = [row.pk for job, _ in landed for row in job.rows]
    # What is there now stays until we are done.
    there = set(
        Delivery.objects.filter(pk__in=rows).select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True)
    )
    Attempt.objects.bulk_create(
        Attempt(
            delivery=row, succeeded=isinstance(outcome.result, Sent), status=outcome.result.status,
            said=redact_text(outcome.said)[:LONGEST_SAID], took_ms=outcome.took_ms,
        )
        for job, outcome in landed for row in job.rows if row.pk in there
    )  # fmt: skip


def _posted(job: Job, outcome: Outcome) -> list[Delivery]:
    """The rows of a new message with where it is, if the channel says so."""
    message_id = outcome.result.message_id if isinstance(outcome.result, Sent) else ""
    if job.message_id or not message_id or job.message is None:
        return []
    for number, row in enumerate(job.rows):
        row.message_id, row.place = message_id[:64], number
        row.shown = job.message.shown[number] if job.message.shown else None
    return job.rows


def _changed(job: Job) -> list[Delivery]:
    """The deliveries whose message was changed; what it shows now is where its next change begins."""
    for row, embed in zip(job.posted, job.message.shown if job.message else (), strict=False):
        row.shown = embed
    return _deliveries(job)


def _deliveries(job: Job) -> list[Delivery]:
    """Those of the message that is changed."""
    return [row for row in job.posted if isinstance(row, Delivery)]


def _wait_of(outcome: Outcome) -> float:
    return outcome.result.wait if isinstance(outcome.result, Sent) else 0.0


def _limited(job: Job, error: ChannelError) -> None:
    """Too many at once: it counts as no try, and the place or the whole channel waits as long as it was told to."""
    mine(job.rows).update(last_error=error.message[:LONGEST_SAID])
    give_back(job.rows)
    wait = error.retry_after or float(WAITS[0])
    if error.scope == "channel":
        rests.rest_all(job.place.kind, now() + timedelta(seconds=wait))
    _rest(job.place, wait)
    DELIVERIES.labels(job.place.kind, "limited").inc(len(job.rows))


def _failed(job: Job, error: ChannelError) -> None:
    """Another time it may work: later, and later still with each failure of the place."""
    # By the place's failures: a row's attempts also count workers that were killed. Only fallbacks have nothing else.
    place = job.place.destination
    failures = place.failures + 1 if place else min(row.attempts for row in job.rows)
    wait = _jittered(WAITS[min(failures, len(WAITS)) - 1])
    _rest(job.place, wait, failures=failures)
    last = [row for row in job.rows if row.attempts >= TRIES]
    again = [row for row in job.rows if row.attempts < TRIES]
    values = {"state": State.WAITING, "due_at": now() + timedelta(seconds=wait), "lease_until": None}
    mine(again).update(last_error=error.message[:LONGEST_SAID], **values)
    DELIVERIES.labels(job.place.kind, "failed").inc(len(again))
    if last:
        park(last, error.message, job.place.kind)


def _anew(job: Job) -> list[Job]:
    """The message is no more, so there is nothing to change: ends are posted instead, but for silent ones."""
    Delivery.objects.filter(pk__in=[row.pk for row in _deliveries(job)]).update(message_id="", shown=None)
    Remnant.objects.filter(pk__in=[row.pk for row in job.posted if isinstance(row, Remnant)]).delete()
    silent = [row for row in job.rows if row.event.silenced_because]
    withdraw(silent)
    loud = [row for row in job.rows if row not in silent]
    return [post(job.place, loud)] if loud else []


def _refused(job: Job, error: ChannelError) -> list[Job]:
    """It will never be taken, and that is our fault, so staff are shown it. Of several, each is tried alone."""
    if len(job.rows) > 1:
        mine(job.rows).update(is_alone=True)
        return [post(job.place, [row]) for row in job.rows]
    log.error("a message was refused", channel=job.place.kind, status=error.status, delivery=str(job.rows[0].pk))
    park(job.rows, error.message, job.place.kind)
    return []


def _ended(place: Place, rows: Sequence[Delivery], message: str) -> None:
    """The other side will never take anything again: keep what is owed, and tell the owner."""
    if place.destination is not None and not switch_off(place.destination, message):
        # It was pointed elsewhere meanwhile.
        give_back(rows)
        return
    if place.key == OPERATOR:
        _rest(place, OPERATORS_REST)
        log.error("the operator's channel takes nothing", said=message)
    park(rows, OFF.format(message), place.kind)


def _rest(place: Place, seconds: float, *, failures: int | None = None) -> bool:
    """Send nothing to a place for a while; returns whether it rests. `failures`: in a row, where that is news."""
    if seconds:
        rests.rest(place.destination, place.bucket, seconds)
    row = place.destination
    if row is not None and failures is not None and row.failures != failures:
        row.failures = failures
        row.save(update_fields=["failures"])
    return seconds > 0


def _jittered(seconds: float) -> float:
    return seconds * (1 + random.random() / 3)  # noqa: S311
