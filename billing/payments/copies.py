"""Copies of invoices that events should have brought and did not: pages show invoices from dj-stripe's tables."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import stripe
import structlog
from django.db import transaction
from djstripe.models import Invoice

from billing.models import Customer, Subscription
from billing.payments.drift import Drift, is_on_its_way
from billing.payments.reading import Object, id_of
from billing.payments.stripe_api import AWAY, client

DRAFT, PAGE = "draft", 100
log = structlog.get_logger("billing.copies")


def stale_invoices(*, since: datetime, repair: bool) -> list[Drift]:
    """Invoices of our customers, made since then, that we have no copy of, or one of another status."""
    ours = _customers()
    query: Any = {"created": {"gte": int(since.timestamp())}, "limit": PAGE}
    rows = (row.to_dict() for row in client().v1.invoices.list(query).auto_paging_iter())
    stale = [row for row in rows if _is_shown(row, ours) and not _is_copied(row) and not is_on_its_way(row["id"])]
    return [Drift(row["id"], "its copy is missing or old", is_mended=repair and _copy(row)) for row in stale]


def _customers() -> set[str]:
    """Every customer of a workspace that is not erased: of those nothing is copied any more."""
    now = Customer.objects.filter(workspace__erased_at=None).values_list("pk", flat=True)
    earlier = Subscription.objects.filter(workspace__isnull=False, workspace__erased_at=None)
    return {*now, *earlier.values_list("customer_id", flat=True)}


def _is_shown(found: Object, customers: set[str]) -> bool:
    return found["status"] != DRAFT and bool(found["customer"]) and id_of(found["customer"]) in customers


def _is_copied(found: Object) -> bool:
    copies = Invoice.objects.filter(id=found["id"], stripe_data__status=found["status"])
    return bool(copies.exists())


def _copy(found: Object) -> bool:
    """One that cannot be copied does not keep the others from it."""
    try:
        with transaction.atomic():
            # Fetched as dj-stripe fetches it for an event, with all that it follows from there.
            Invoice.sync_from_stripe_data(Invoice(id=found["id"], livemode=found["livemode"]).api_retrieve())
    except AWAY:
        raise
    except stripe.StripeError as error:
        log.warning("cannot be copied", invoice=found["id"], kind=type(error).__name__)
        return False
    return True
