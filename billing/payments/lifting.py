"""When a suspension is over: by staff, or because the next renewal is paid."""

from __future__ import annotations

from accounts import audit
from accounts.models import User
from billing.models import Subscription
from billing.payments.marks import ACTOR


def lift(row: Subscription, *, actor: User | None, reason: str) -> None:
    """Note that a suspension is over. The row is locked by the caller, who stores and entitles it afterwards."""
    row.suspended_at, row.suspended_because = None, ""
    label = "" if actor else ACTOR
    audit.record(
        action="subscription.suspension_lifted",
        workspace=row.workspace,
        actor=actor,
        actor_label=label,
        target=row.pk,
        reason=reason,
    )


def lift_if_renewed(row: Subscription, renewal: str) -> None:
    """Who pays a renewal after the suspension has what it pays for. A small upgrade does not buy the rest back."""
    if row.suspended_at is not None and renewal and renewal not in row.suspended_by:
        lift(row, actor=None, reason=f"The renewal {renewal} is paid")
