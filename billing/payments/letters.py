"""Letters to the owner while a payment is late: on the first day, on the fourth and on the seventh."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.utils import timezone

from accounts.mail import send_letter
from accounts.services.workspaces import owner_of
from billing.models import Subscription

# Days after the payment was first seen to be late.
DAYS = (0, 3, 6)
log = structlog.get_logger(__name__)


def send_letters() -> int:
    """Send every letter that is due; returns how many went out. One that the mail server refuses is due again."""
    now = timezone.now()
    late = Subscription.objects.live().filter(
        grace_ends_at__gt=now, suspended_at=None, workspace__closed_at=None, workspace__isnull=False
    )
    sent = 0
    for pk in late.values_list("pk", flat=True):
        try:
            sent += _send(pk, now)
        except OSError as error:
            log.warning("a letter about a late payment waits", subscription=pk, kind=type(error).__name__)
    return sent


@transaction.atomic
def _send(subscription_id: str, now: datetime) -> bool:
    """Send the last letter that is due, and none of those before it. The row is locked, so it goes out once."""
    rows = Subscription.objects.select_for_update(of=("self",), skip_locked=True).select_related("workspace", "plan")
    row = rows.filter(pk=subscription_id, grace_ends_at__gt=now).first()
    due = [day for day in DAYS if _is_due(row, day, now)] if row else []
    owner = owner_of(row.workspace) if row and row.workspace else None
    if row is None or owner is None or not due or due[-1] in row.letters:
        return False
    row.letters = due
    row.save(update_fields=["letters"])
    # Inside the transaction: a letter that cannot be sent is not noted as sent.
    send_letter(
        "payment_late",
        folder="billing",
        to=owner.email,
        workspace=row.workspace,
        plan=row.plan.title if row.plan else "paid",
        ends_at=row.grace_ends_at,
        day=due[-1],
        is_last=due[-1] == DAYS[-1],
    )
    return True


def _is_due(row: Subscription, day: int, now: datetime) -> bool:
    return row.past_due_since is not None and row.past_due_since + timedelta(days=day) <= now
