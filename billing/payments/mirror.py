"""dj-stripe's copies of Stripe's objects: what pages read of invoices, prices and payment methods.

An event is handed to dj-stripe's handlers without being stored a second time: our own row is the only memory of what
was done, so a replay is done again, and nothing of a customer lies in a table that nobody prunes.
"""

from __future__ import annotations

import stripe
import structlog
from django.db import transaction
from djstripe.models import Event

from billing.models import StripeEvent

GONE = "resource_missing"
log = structlog.get_logger(__name__)


def mirror(event: StripeEvent) -> None:
    """Let dj-stripe fetch the object that an event is about, and what that refers to, and store them.

    Calls Stripe several times for an object that is new here. Raises what Stripe and dj-stripe raise; nothing is
    stored then.
    """
    try:
        with transaction.atomic():
            _as_theirs(event).invoke_webhook_handlers()
    except stripe.InvalidRequestError as error:
        if error.code != GONE:
            raise
        # Made and deleted again before we came to it: there is nothing to copy.
        log.info("an event about something that is gone", stripe_event=event.pk, type=event.type)


def _as_theirs(event: StripeEvent) -> Event:
    payload = event.payload
    return Event(
        id=event.pk,
        type=event.type,
        api_version=payload.get("api_version") or "",
        created=event.created_at,
        livemode=event.livemode,
        data=payload["data"],
    )
