"""Ending a subscription at once: because its workspace closes, or because staff say so.

The wish is a row; a task carries it to Stripe and tries again until Stripe has confirmed it.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User, Workspace
from accounts.signals import workspace_closing
from billing.models import Subscription
from moondev.lib.errors import Conflict, Forbidden, Invalid


def request_cancel(*, subscription: Subscription, actor: User, reason: str) -> None:
    """End a subscription now, as staff; nothing is refunded. Raises Forbidden, Invalid, Conflict when it has ended."""
    if not (actor.is_active and actor.is_staff):
        raise Forbidden("Only staff may cancel a subscription at once.")
    if not reason.strip():
        raise Invalid.field("/reason", "Say why the subscription ends now.")
    with transaction.atomic():
        if not _ask(Subscription.objects.filter(pk=subscription.pk)):
            raise Conflict("This subscription has ended, or is being cancelled already.")
        audit.record(
            action="subscription.cancel_requested", workspace=subscription.workspace, actor=actor,
            target=subscription.pk, reason=reason.strip(),
        )  # fmt: skip


def end_with_workspace(sender: object, *, workspace: Workspace, **_: Any) -> None:
    """A closing workspace pays no more. Sent after commit; were it lost, cancel_due finds the workspace closed."""
    _ask(Subscription.objects.for_workspace(workspace))


def connect() -> None:
    """Called once, when the app starts."""
    workspace_closing.connect(end_with_workspace, dispatch_uid="billing.closing.workspace_closing")


def _ask(rows: Any) -> int:
    count: int = rows.live().filter(cancel_requested_at=None).update(cancel_requested_at=timezone.now())
    return count
