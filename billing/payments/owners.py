"""Whose a subscription is: by its row, its customer and the mark that our checkout wrote on it. Asks nobody."""

from __future__ import annotations

from accounts.models import AuditEntry, Workspace
from billing.models import Customer, Subscription
from billing.payments.marks import marked_workspace
from billing.payments.reading import Reading

CLAIMED = "claim.accepted"


def owner_of(reading: Reading, row: Subscription) -> Workspace | None:
    """The workspace of a subscription; None: its buyer has to claim it.

    The customer beats the mark. A row that says otherwise stays, unless mark (or claim) and customer are against it.
    """
    known = _of_customer(reading.values["customer_id"])
    if row.workspace is None:
        return known or marked_workspace(reading.metadata)
    if known == row.workspace:
        return known
    witness = marked_workspace(reading.metadata) or _of_claim(reading.id)
    return witness if witness is not None and known in (None, witness) else row.workspace


def _of_customer(customer_id: str) -> Workspace | None:
    row: Customer | None = Customer.objects.select_related("workspace").filter(pk=customer_id).first()
    return row.workspace if row else None


def _of_claim(subscription_id: str) -> Workspace | None:
    """Where the buyer brought it, by the log of deeds, which nobody changes."""
    rows = AuditEntry.objects.filter(action=CLAIMED, target=subscription_id).select_related("workspace")
    entry = rows.first()
    return entry.workspace if entry else None
