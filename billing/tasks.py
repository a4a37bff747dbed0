"""Background work of billing. Every task may be lost, doubled or run beside itself: beat sends it again."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from billing.api import idempotency
from billing.models import StripeEvent
from billing.payments import claims, closing, grace, letters, process
from billing.payments import reconcile as books
from billing.payments.stripe_api import AWAY
from billing.wake import wake
from moondev.lib.queue import State

KEPT = timedelta(days=90)
AT_ONCE = 500


# No retry: an event keeps its own count of tries, and beat comes every 5 s.
@shared_task
def process_events() -> None:
    """Work through what Stripe told us. Woken up by each event; beat sees to those whose wake-up was lost."""
    if process.work(AT_ONCE) >= AT_ONCE:
        wake(process_events.name)


# No retry: beat comes every minute, and what was not done is still due then.
@shared_task
def tend() -> None:
    """End what is over, write to owners and buyers, cancel what is to end now; only what closes calls Stripe."""
    grace.end_graces()
    letters.send_letters()
    claims.mail_waiting()
    closing.close_pages()
    closing.cancel_due()


# While Stripe is away: after 5 minutes, 10, 20 and so on for half a night.
@shared_task(autoretry_for=AWAY, retry_backoff=300, retry_backoff_max=3600, max_retries=8)
def reconcile() -> None:
    """Compare Stripe with our rows and mend what differs, every night."""
    books.reconcile()


# No retry: what is too old today still is tomorrow.
@shared_task
def prune_events() -> None:
    """Delete events that were done 90 days ago. Parked ones stay until somebody has looked at them."""
    StripeEvent.objects.filter(state=State.DONE, finished_at__lt=timezone.now() - KEPT).delete()


# No retry: what is too old today still is tomorrow.
@shared_task
def forget_answers() -> None:
    """Delete the answers that a repeated request got, a day after the first."""
    idempotency.forget_old_answers()
