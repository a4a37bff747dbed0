"""Late payment: the plan stays for a few days, letters say so, then it ends by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from billing import changes
from billing.models import Boost, Entitlement, Subscription
from billing.payments import boosts, grants
from billing.payments.stripe_api import client

# More invoices than these are open for nobody.
MOST_OPEN = 100


def late_since(row: Subscription, now: datetime) -> datetime:
    """When the oldest of its open invoices came due, so that a row made anew has no new grace; at the latest `now`.

    Raises what the client raises. Asks Stripe only about a subscription that was not known to be late.
    """
    if row.status != Subscription.Status.PAST_DUE or row.past_due_since is not None:
        return now
    query: Any = {"subscription": row.pk, "status": "open", "limit": MOST_OPEN}
    due = [invoice.status_transitions.finalized_at for invoice in client().v1.invoices.list(query).data]
    # The sandbox's clock may be ahead of ours.
    return min([now, *(datetime.fromtimestamp(seconds, UTC) for seconds in due if seconds)])


def mark_late(row: Subscription, since: datetime) -> None:
    """Begin the grace of a payment that is late, end it when it is not late any more."""
    if row.status != Subscription.Status.PAST_DUE:
        row.past_due_since = row.grace_ends_at = None
        row.letters = []
    elif row.past_due_since is None:
        row.past_due_since = since
        row.grace_ends_at = since + timedelta(days=settings.BILLING_GRACE_DAYS)
        row.letters = []


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
