"""Ending a subscription at once: because its workspace closes, or because staff say so.

The wish is a row; a task carries it to Stripe and tries again until Stripe has confirmed it.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import uuid4

import stripe
import structlog
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts import audit
from accounts.models import AuditEntry, User, Workspace
from accounts.signals import workspace_closing
from billing.models import Subscription
from billing.payments.checkout import PAGES_LAST, STARTED
from billing.payments.marks import ACTOR
from billing.payments.stripe_api import AWAY, client
from billing.payments.subscriptions import apply_subscription
from billing.wake import wake
from moondev.lib.errors import Conflict, Forbidden, Invalid

log = structlog.get_logger("billing.closing")
AT_A_TIME = 100
TASK = "billing.tasks.tend"
CLOSED = "checkout.closed"


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
        wake(TASK)


def cancel_due() -> int:
    """Cancel in Stripe what is to end now: asked for by staff, or of a closed workspace. Returns how many ended.

    With Stripe away the rest waits for the next call.
    """
    wanted = Q(cancel_requested_at__isnull=False) | Q(workspace__closed_at__isnull=False)
    rows = Subscription.objects.live().filter(wanted).order_by(F("cancel_requested_at").asc(nulls_last=True), "pk")
    done = 0
    for pk in list(rows.values_list("pk", flat=True)[:AT_A_TIME]):
        try:
            _cancel(pk)
        except AWAY as error:
            log.warning("Stripe is away, cancelling waits", subscription=pk, kind=type(error).__name__)
            break
        done += 1
    return done


def close_pages() -> int:
    """Close the payment pages that a closed workspace left open: what is paid there would be cancelled, not refunded.

    Returns how many; with Stripe away the rest waits for the next call.
    """
    done = 0
    for page in list(_open_pages().filter(workspace__closed_at__isnull=False)[:AT_A_TIME]):
        try:
            _close(page.target)
        except AWAY as error:
            log.warning("Stripe is away, a payment page stays open", page=page.target, kind=type(error).__name__)
            break
        audit.record(action=CLOSED, workspace=page.workspace, actor_label=ACTOR, target=page.target)
        done += 1
    return done


def _open_pages() -> QuerySet[AuditEntry]:
    """The deeds by which pages were made that may be open still."""
    deeds = AuditEntry.objects.filter(at__gt=timezone.now() - PAGES_LAST)
    return deeds.filter(action=STARTED).exclude(target__in=deeds.filter(action=CLOSED).values("target"))


def _close(page_id: str) -> None:
    # A key of its own for each try, as below. One that was paid or is closed already is no error to us.
    options: stripe.RequestOptions = {"idempotency_key": f"close-{page_id}-{uuid4().hex}"}
    with suppress(stripe.InvalidRequestError):
        client().v1.checkout.sessions.expire(page_id, options=options)


def _cancel(subscription_id: str) -> None:
    """Cancelling twice is an error to Stripe and none to us: what is there is read afterwards."""
    # A key of its own for each try: Stripe would keep answering a failure under a key that it knows.
    options: stripe.RequestOptions = {"idempotency_key": f"end-{subscription_id}-{uuid4().hex}"}
    try:
        client().v1.subscriptions.cancel(subscription_id, params={"prorate": False}, options=options)
    except stripe.InvalidRequestError as error:
        log.info("nothing to cancel in Stripe", subscription=subscription_id, code=error.code)
    apply_subscription(subscription_id)


def end_with_workspace(sender: object, *, workspace: Workspace, **_: Any) -> None:
    """A closing workspace pays no more. Sent after commit; were it lost, cancel_due finds the workspace closed."""
    if _ask(Subscription.objects.for_workspace(workspace)) or _open_pages().filter(workspace=workspace).exists():
        wake(TASK)


def connect() -> None:
    """Called once, when the app starts."""
    workspace_closing.connect(end_with_workspace, dispatch_uid="billing.closing.workspace_closing")


def _ask(rows: Any) -> int:
    count: int = rows.live().filter(cancel_requested_at=None).update(cancel_requested_at=timezone.now())
    return count
