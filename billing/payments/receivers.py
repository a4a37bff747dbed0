"""What we do about each event of Stripe's. An event names what to read again; it is never believed for what it says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction

from billing.models import Claim, StripeEvent, Subscription
from billing.payments import claims, customers, packs, suspension
from billing.payments.reading import id_of, subscription_of_invoice
from billing.payments.stripe_api import client
from billing.payments.subscriptions import apply_subscription

Object = Mapping[str, Any]


def receive(event: StripeEvent) -> None:
    """Bring our rows to what Stripe says of the thing that an event is about; events of no interest change nothing.

    Idempotent. Raises what `apply_subscription` does. Not to be called inside a transaction.
    """
    found = event.payload["data"]["object"]
    if subscription_id := subscription_of(event):
        take(subscription_id)
    elif handler := HANDLERS.get(event.type):
        handler(found)


def subscription_of(event: StripeEvent) -> str | None:
    """The subscription that an event is about, where the event tells; asks nobody."""
    found = event.payload["data"]["object"]
    finder = FINDERS.get(str(found.get("object")))
    reference = finder(found) if finder else None
    return id_of(reference) if reference else None


def take(subscription_id: str) -> Subscription | None:
    """Apply a subscription and, when it is nobody's yet, mail its buyer the link with which to claim it."""
    row = apply_subscription(subscription_id)
    if row is not None and row.workspace_id is None and row.grants():
        _offer(row)
    return row


def _offer(row: Subscription) -> None:
    email = client().v1.customers.retrieve(row.customer_id).to_dict().get("email")
    with transaction.atomic():
        # Of two events at once one makes the claim, and the other finds it.
        locked = Subscription.objects.select_for_update().get(pk=row.pk)
        if email and locked.workspace_id is None and not Claim.objects.filter(subscription=locked).exists():
            claims.offer_claim(locked, email)


def _of_schedule(found: Object) -> Any:
    return found.get("subscription") or found.get("released_subscription")


# By the kind of object, so that every event about one of these counts, whatever has happened to it.
FINDERS: Mapping[str, Callable[[Object], Any]] = {
    "subscription": lambda found: found["id"],
    "invoice": subscription_of_invoice,
    "checkout.session": lambda found: found.get("subscription"),
    "subscription_schedule": _of_schedule,
}
HANDLERS: Mapping[str, Callable[[Object], object]] = {
    "checkout.session.completed": lambda found: packs.apply_payment(found["id"]),
    "checkout.session.async_payment_succeeded": lambda found: packs.apply_payment(found["id"]),
    "charge.refunded": lambda found: suspension.judge_refund(found["id"]),
    "charge.dispute.created": lambda found: suspension.judge_dispute(found["id"]),
    "charge.dispute.updated": lambda found: suspension.judge_dispute(found["id"]),
    # A deletion is for ever, so of it the event alone is enough.
    "customer.deleted": lambda found: customers.let_go(found["id"]),
    "charge.dispute.closed": lambda found: suspension.judge_dispute(found["id"]),
}
