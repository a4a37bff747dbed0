"""Late payment: the plan stays for a few days, letters say so, then it ends by itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from billing import changes
from billing.models import Boost, Entitlement, Subscription
from billing.payments import boosts, grants


def mark_late(row: Subscription, now: datetime) -> None:
    """Begin the grace when a payment is first seen to be late, end it when it is not late any more."""
    if row.status != Subscription.Status.PAST_DUE:
        row.past_due_since = row.grace_ends_at = None
        row.letters = []
    elif row.past_due_since is None:
        row.past_due_since = now
        row.grace_ends_at = now + timedelta(days=settings.BILLING_GRACE_DAYS)
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
