"""When a suspension is over: by staff, or because the next renewal is paid."""

from __future__ import annotations

from accounts import audit
from accounts.models import User
from billing.models import Subscription
from billing.payments.marks import ACTOR
from billing.payments.memory import LIFTED
from billing.payments.stripe_api import client

# So many invoices are looked at, the newest first.
NEWEST = 100


def lift(row: Subscription, *, actor: User | None, reason: str) -> None:
    """Note that a suspension is over. The row is locked by the caller, who stores and entitles it afterwards."""
    row.suspended_at, row.suspended_because = None, ""
    label = "" if actor else ACTOR
    audit.record(
        action=LIFTED,
        workspace=row.workspace,
        actor=actor,
        actor_label=label,
        target=row.pk,
        reason=reason,
    )


def lift_if_renewed(row: Subscription) -> None:
    """Who pays a renewal after the suspension has what it pays for. A small upgrade does not buy the rest back.

    Raises what the client raises. Asks Stripe only about a suspended subscription.
    """
    if row.suspended_at is None:
        return
    for invoice in client().v1.invoices.list({"subscription": row.pk, "limit": NEWEST}).data:
        if invoice.id in row.suspended_by:
            return
        if invoice.billing_reason == "subscription_cycle" and invoice.status == "paid" and invoice.amount_paid:
            lift(row, actor=None, reason=f"The renewal {invoice.id} is paid")
            return
