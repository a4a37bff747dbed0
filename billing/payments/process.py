"""Works through what Stripe told us, oldest first. Any number of workers may do so at the same time.

An event says only that something is new; what is new is read from Stripe, so order and repeats do not matter, and
events about one thing cost one look at it. While Stripe is away nothing counts as tried, and one event at a time looks
whether it is back.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

import structlog

from billing.models import StripeEvent
from billing.payments import counted, erasure, mirror, outage, receivers
from billing.payments.outage import KEPT_OUT
from moondev.lib.redact import redact_text

BATCH = 50
# Seconds for one batch; well below the lease, so that nobody else begins with its end.
LONGEST_BATCH = 20.0
# After each failure of an event's own; then it is parked for a person.
WAITS = tuple(timedelta(seconds=seconds) for seconds in (2, 10, 60, 300))
TRIES = len(WAITS) + 1
# Claimed so often and never settled: the process ended each time, perhaps because of this event.
MOST_CLAIMS = 2 * TRIES
Group = list[StripeEvent]
log = structlog.get_logger(__name__)


def work(limit: int = 500) -> int:
    """Settle up to about `limit` due events; returns how many. Stops when none is due or Stripe is away."""
    settled = 0
    while settled < limit and (batch := outage.claim(BATCH)):
        settled += run(batch)
    return settled


def run(batch: Group) -> int:
    """Do what was claimed; returns how many were settled. The others are given back."""
    ends = time.monotonic() + LONGEST_BATCH
    waiting = list(grouped(batch))
    while waiting and time.monotonic() < ends and settle(waiting[0]):
        waiting.pop(0)
    rest = [event for group in waiting for event in group]
    for event in rest:
        event.give_back()
    return len(batch) - len(rest)


def settle(group: Group) -> bool:
    """Do a group and store what became of it. False: Stripe is away, and nothing was tried."""
    if group[-1].attempts > MOST_CLAIMS:
        _park(group, f"Claimed {MOST_CLAIMS} times without an end")
        return True
    try:
        handle(group)
    except KEPT_OUT as error:
        if outage.is_on(error):
            outage.mark(group[0])
            return False
        _fail(group, error)
    # Whatever one event brings to light must not keep the others from being worked on.
    except Exception as error:
        _fail(group, error)
    else:
        _finish(group)
    return True


def handle(group: Group) -> None:
    """Store dj-stripe's copies, then act on the newest. A copy that fails is told only after we have acted.

    Of who is erased nothing is copied.
    """
    failed: Exception | None = None
    is_forgotten = erasure.forget_late_news(group)
    for event in [] if is_forgotten else about_different_objects(group):
        try:
            mirror.mirror(event)
        except KEPT_OUT:
            raise
        except Exception as error:
            failed = error
    receivers.receive(group[-1])
    if failed is not None:
        raise failed


def grouped(batch: Group) -> Iterator[Group]:
    """The events in groups, in the order in which they happened; one look at Stripe does for each group."""
    groups: dict[str, Group] = {}
    # Stripe's clock counts whole seconds, and nothing happens to what was deleted.
    for event in sorted(batch, key=lambda event: (event.created_at, is_an_end(event), event.pk)):
        groups.setdefault(subject_of(event), []).append(event)
    yield from groups.values()


def subject_of(event: StripeEvent) -> str:
    """What has to be looked at: a subscription, else the object; for some types of event in a way of their own."""
    if subscription := receivers.subscription_of(event):
        return subscription
    kind = event.type if event.type in receivers.HANDLERS or is_an_end(event) else ""
    return f"{kind} {event.object_id or event.pk}"


def is_an_end(event: StripeEvent) -> bool:
    """Whether it tells that something is no more, which nobody can look at."""
    return event.type.endswith(".deleted")


def about_different_objects(group: Group) -> list[StripeEvent]:
    """The newest event about each object: dj-stripe reads the object anew, so the others would tell it nothing."""
    newest = {(event.payload["data"]["object"].get("object"), event.object_id): event for event in group}
    return list(newest.values())


def _finish(group: Group) -> None:
    # Not every event needs Stripe; that it is back, only the one that looks for it can tell.
    has_looked = any(event.last_error == outage.MARK for event in group)
    settled = sum(event.finish() for event in group)
    counted.PROCESSED.labels("done").inc(settled)
    if has_looked:
        outage.end()


def _fail(group: Group, error: Exception) -> None:
    text = redact_text(f"{type(error).__name__}: {error}")
    again = [event for event in group if event.attempts < TRIES]
    for event in again:
        event.retry(text, after=WAITS[event.attempts - 1])
    counted.PROCESSED.labels("failed").inc(len(again))
    log.warning("an event failed", stripe_event=group[-1].pk, type=group[-1].type, exc_info=error)
    _park([event for event in group if event.attempts >= TRIES], text)


def _park(group: Group, text: str) -> None:
    for event in group:
        event.park(text)
        log.error("an event was parked", stripe_event=event.pk, type=event.type, tries=event.attempts)
    counted.PROCESSED.labels("parked").inc(len(group))
