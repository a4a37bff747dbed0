"""While Stripe is away: everything waits, and one event at a time finds out whether it is back.

That Stripe is away is written on an event that met it, so every worker knows and no other place has to be asked.
"""

from __future__ import annotations

from datetime import timedelta

import stripe
import structlog
from django.utils import timezone

from billing.models import StripeEvent
from billing.payments import counted
from billing.payments.stripe_api import AWAY, client
from moondev.lib.queue import QueueRows, State

# A key that Stripe refuses is the operator's to mend; until then no event is at fault.
KEPT_OUT: tuple[type[stripe.StripeError], ...] = (*AWAY, stripe.AuthenticationError)
MARK = "Stripe is away"
# What waits must be through a minute after Stripe's return, so its return is noticed within a few seconds.
PROBE_EVERY = timedelta(seconds=5)
log = structlog.get_logger(__name__)


def claim(limit: int) -> list[StripeEvent]:
    """Due events; while Stripe is away only the one whose turn it is to look, and none before its time."""
    marked = _marked()
    return marked.claim(1) if marked.exists() else StripeEvent.objects.claim(limit)


def is_on(error: stripe.StripeError) -> bool:
    """Whether Stripe is away altogether, and does not only fail for one object. May cost one small call."""
    # Asking once more would get an answer as often as not, and would be one call too many.
    if isinstance(error, stripe.RateLimitError):
        return True
    try:
        client().v1.events.list(params={"limit": 1})
    except KEPT_OUT:
        return True
    except stripe.StripeError:
        pass
    return False


def mark(event: StripeEvent) -> None:
    """Let everything wait until this event has got through."""
    if not _marked().exclude(pk=event.pk).exists():
        event.give_back(MARK, after=PROBE_EVERY)
    counted.PROCESSED.labels("away").inc()
    log.warning("Stripe is away, so its events wait", stripe_event=event.pk)


def end() -> None:
    """Something got through, so nothing has to wait any more."""
    _marked().filter(state=State.WAITING).update(last_error="", due_at=timezone.now())


def _marked() -> QueueRows:
    rows: QueueRows = StripeEvent.objects.filter(state__in=[State.WAITING, State.RUNNING], last_error=MARK)
    return rows
