"""Late payment: the plan stays for a few days, letters say so, then it ends by itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from billing.models import Subscription


def mark_late(row: Subscription, now: datetime) -> None:
    """Begin the grace when a payment is first seen to be late, end it when it is not late any more."""
    if row.status != Subscription.Status.PAST_DUE:
        row.past_due_since = row.grace_ends_at = None
        row.letters = []
    elif row.past_due_since is None:
        row.past_due_since = now
        row.grace_ends_at = now + timedelta(days=settings.BILLING_GRACE_DAYS)
        row.letters = []
