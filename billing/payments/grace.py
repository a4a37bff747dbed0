"""Late payment: the plan stays for a few days, letters say so, then it ends by itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from billing import changes
from billing.models import Boost, Entitlement, Subscription
from billing.payments import boosts, grants
from billing.payments.reading import moment
from billing.payments.stripe_api import client

# More invoices than these are open for nobody.
MOST_OPEN = 100


def late_since(row: Subscription, now: datetime) -> datetime | None:
    """When the oldest of its open invoices came due; None unless the subscription is past due.

    So the grace is Stripe's to tell: neither late news nor a row made anew prolongs it. Raises what the client raises.
    """
    if row.status != Subscription.Status.PAST_DUE:
        return None
    query: Any = {"subscription": row.pk, "status": "open", "limit": MOST_OPEN}
    due = [moment(invoice.status_transitions.finalized_at) for invoice in client().v1.invoices.list(query).data]
    first = min((when for when in due if when), default=now)
    # A sandbox's clock may be ahead of ours; then it is the moment at which we first saw it.
    return first if first <= now else row.past_due_since or now


def mark_late(row: Subscription, since: datetime | None) -> None:
    """Count the grace from a moment, or end it with None; the letters begin anew with another moment."""
    if row.past_due_since != since:
        row.letters = []
    row.past_due_since = since
    row.grace_ends_at = since + timedelta(days=settings.BILLING_GRACE_DAYS) if since else None


def end_graces() -> int:
    """Close the books on plans whose grace is over; returns how many.

    They grant nothing from that moment on anyhow. This writes it down and tells whoever keeps what a plan allows.
    """
    over = Entitlement.objects.filter(source=Entitlement.Source.STRIPE, revoked_at=None, ends_at__lte=timezone.now())
    return sum(_end(pk) for pk in list(over.values_list("pk", flat=True)))


@transaction.atomic
def _end(entitlement_id: int) -> bool:
    now = timezone.now()
    rows = Entitlement.objects.select_for_update(skip_locked=True, of=("self",)).select_related("workspace")
    # Read again: the payment may have come at the last moment.
    row: Entitlement | None = rows.filter(pk=entitlement_id, revoked_at=None, ends_at__lte=now).first()
    if row is None:
        return False
    grants.end(row, now)
    packs = Boost.objects.filter(subscription=row.subscription_id, revoked_at=None, ends_at__lte=now)
    for pack in packs.select_for_update(of=("self",)).select_related("workspace", "add_on"):
        boosts.end_pack(pack, now)
    changes.notify(row.workspace_id)
    return True
