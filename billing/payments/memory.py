"""What the log of deeds says of a subscription's suspension, which Stripe does not know.

A row that was deleted or changed by hand gets it from here: nobody changes the log.
"""

from __future__ import annotations

from collections.abc import Iterator

from accounts.models import AuditEntry
from billing.models import Subscription

SUSPENDED, LIFTED = "subscription.suspended", "subscription.suspension_lifted"


def recall(row: Subscription) -> None:
    """Set the suspension to what was written down last. The caller stores the row."""
    for name, value in _written_down(row):
        setattr(row, name, value)


def differences(row: Subscription) -> Iterator[str]:
    """What of it is not as it was written down, in a few words."""
    for name, value in _written_down(row):
        yield f"{name} is not what was written down ({value or 'empty'})"


def _written_down(row: Subscription) -> Iterator[tuple[str, object]]:
    """The fields that are to have another value, with that value."""
    deeds = AuditEntry.objects.filter(target=row.pk, action__in=(SUSPENDED, LIFTED))
    newest, suspended = deeds.first(), deeds.filter(action=SUSPENDED).first()
    by = suspended.data.get("by", []) if suspended else []
    if not set(by) <= set(row.suspended_by):
        yield "suspended_by", [*by, *(each for each in row.suspended_by if each not in by)]
    holds = newest if newest and newest.action == SUSPENDED else None
    if (holds is None) != (row.suspended_at is None):
        yield "suspended_at", holds and holds.at
        yield "suspended_because", holds.data.get("reason", "") if holds else ""
