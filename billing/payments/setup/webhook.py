"""The address to which Stripe sends its events."""

from __future__ import annotations

from typing import Any

import stripe
from django.conf import settings

from billing.payments.setup.steps import Steps
from billing.payments.stripe_api import client

PATH = "/billing/webhook"
# What our receivers read, and what dj-stripe's copies of it need.
EVENTS = (
    "charge.dispute.closed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.failed",
    "charge.refunded",
    "charge.succeeded",
    "charge.updated",
    "checkout.session.async_payment_failed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.completed",
    "checkout.session.expired",
    "customer.created",
    "customer.deleted",
    "customer.subscription.created",
    "customer.subscription.deleted",
    "customer.subscription.paused",
    "customer.subscription.pending_update_applied",
    "customer.subscription.pending_update_expired",
    "customer.subscription.resumed",
    "customer.subscription.trial_will_end",
    "customer.subscription.updated",
    "customer.updated",
    "invoice.created",
    "invoice.finalized",
    "invoice.marked_uncollectible",
    "invoice.paid",
    "invoice.payment_action_required",
    "invoice.payment_failed",
    "invoice.payment_succeeded",
    "invoice.updated",
    "invoice.voided",
    "payment_method.attached",
    "payment_method.automatically_updated",
    "payment_method.detached",
    "payment_method.updated",
    "price.created",
    "price.deleted",
    "price.updated",
    "product.created",
    "product.deleted",
    "product.updated",
    "subscription_schedule.aborted",
    "subscription_schedule.canceled",
    "subscription_schedule.completed",
    "subscription_schedule.created",
    "subscription_schedule.released",
    "subscription_schedule.updated",
)
WHERE = (
    "Its signing secret is in Stripe's dashboard under Developers, Webhooks, this endpoint, Signing secret: put it "
    "into STRIPE_WEBHOOK_SECRET. It is neither shown nor stored here."
)


def set_webhook(steps: Steps, url: str = "") -> None:
    """Make the endpoint, or bring it to the events that are read now."""
    if settings.STRIPE_SANDBOX:
        # It knows where the product is from its environment.
        return
    address = url or f"{settings.BILLING_PUBLIC_URL}{PATH}"
    if not address.startswith("https://"):
        steps.note(
            f"No webhook endpoint: Stripe sends to https:// only, and BILLING_PUBLIC_URL makes it {address}. "
            f"On your own machine let `stripe listen --forward-to {address}` bring the events."
        )
        return
    rows = client().v1.webhook_endpoints.list({"limit": 100}).auto_paging_iter()
    found = next((row for row in rows if row.url == address), None)
    if found is None:
        _create(steps, address)
    else:
        _update(steps, found)


def _create(steps: Steps, address: str) -> None:
    params: Any = {
        "url": address,
        "enabled_events": list(EVENTS),
        "api_version": settings.STRIPE_API_VERSION,
        "description": "Moon Dev platform",
    }
    api = client().v1.webhook_endpoints
    steps.do(f"Created the webhook endpoint {address}.", lambda options: api.create(params, options))
    steps.note(WHERE)


def _update(steps: Steps, found: stripe.WebhookEndpoint) -> None:
    if found.api_version != settings.STRIPE_API_VERSION:
        steps.note(
            f"The webhook endpoint {found.url} speaks {found.api_version or 'the version of the account'}, not "
            f"{settings.STRIPE_API_VERSION}, and Stripe cannot change that: delete it in the dashboard, then run this "
            "again and take over the new secret."
        )
    if set(found.enabled_events) == set(EVENTS) and found.status == "enabled":
        return
    params: Any = {"enabled_events": list(EVENTS), "disabled": False}
    api = client().v1.webhook_endpoints
    steps.do(f"Updated the webhook endpoint {found.url}.", lambda options: api.update(found.id, params, options))
