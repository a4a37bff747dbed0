"""Buying on Stripe's own page: a plan for a workspace or by a stranger, or packs that are paid once."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import stripe
from django.conf import settings
from django.utils import timezone

from accounts import audit
from accounts.models import User, Workspace
from accounts.roles import Deed
from accounts.services.access import access_workspace, check_open
from accounts.services.invitations import check_address
from billing.models import Plan, Subscription
from billing.payments import for_sale
from billing.payments.customers import as_customer
from billing.payments.marks import ADD_ON, marks_of
from billing.payments.returns import check_return_url
from billing.payments.stripe_api import client, in_plain_words
from moondev.lib.errors import Conflict, Invalid

# So many of a customer's are looked at; Stripe closes each by itself after a day.
PAGES, PAGES_LAST = 100, timedelta(days=1)
STARTED = "checkout.started"


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be bought: a plan by the month or the year, or packs of an add-on that is paid once. Not both."""

    plan: str = ""
    interval: str = Subscription.Interval.MONTH
    add_on: str = ""
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class Session:
    """A page of Stripe's on which to pay, and its id."""

    id: str
    url: str


def start_checkout(
    *,
    order: Order,
    workspace: Workspace | None,
    actor: User | None,
    email: str = "",
    success_url: str,
    cancel_url: str,
    idempotency_key: str,
) -> Session:
    """Make the page on which somebody pays. `workspace` None: a stranger, who gets a letter with a link after paying.

    `actor` None: a key of the workspace, whose scope the caller has checked. `success_url` may hold Stripe's own
    `{CHECKOUT_SESSION_ID}`. The same `idempotency_key` gives the same page.

    Raises Invalid at `/plan`, `/interval`, `/add_on`, `/quantity`, `/email`, `/success_url` or `/cancel_url`, NotFound
    or Forbidden for an actor who may not, Conflict for what is not for sale, for a closed workspace and for a plan
    beside a live subscription (change that one) or one that was paid this moment, Unavailable while Stripe is away.
    """
    if workspace is not None:
        _access(workspace, actor)
    params = _what(order, workspace) | _return_urls(success_url, cancel_url)
    address = check_address(email) if email else ""
    with in_plain_words():
        made = _open_page(params, workspace, address, idempotency_key)
        if workspace is not None and order.plan and not _is_only_page(made):
            made = _open_page(params, workspace, address, f"again-{uuid4().hex}")
    audit.record(
        action=STARTED, workspace=workspace, actor=actor, actor_label="" if actor else "API",
        target=made.id, plan=order.plan, interval=order.interval, add_on=order.add_on, quantity=order.quantity,
    )  # fmt: skip
    return Session(made.id, str(made.url))


def _access(workspace: Workspace, actor: User | None) -> None:
    if actor is not None:
        access_workspace(actor, workspace, Deed.BILLING)
    check_open(workspace)


def _what(order: Order, workspace: Workspace | None) -> dict[str, Any]:
    """The goods, and what Stripe keeps on them so that we find the workspace again."""
    for_sale.check_quantity(order.quantity)
    ours = marks_of(workspace) if workspace else {}
    if order.add_on and not order.plan:
        return _packs(order, workspace, ours)
    if order.add_on:
        raise Invalid.field("/add_on", "Buy the plan first, then the packs.")
    plan, price = for_sale.plan_for_sale(order.plan, order.interval)
    _check_no_subscription(workspace)
    return {
        "mode": "subscription",
        "line_items": [{"price": price, "quantity": order.quantity}],
        "metadata": ours,
        "subscription_data": {"metadata": ours, **_trial(plan, workspace)},
    }


def _packs(order: Order, workspace: Workspace | None, ours: dict[str, str]) -> dict[str, Any]:
    """Packs that are paid once belong to a workspace from the start; their invoice is one like those of a plan."""
    if workspace is None:
        raise Invalid.field("/add_on", "Packs are bought for a workspace. Sign in, or send its API key.")
    found = for_sale.pack_for_sale(order.add_on)
    bought = {**ours, ADD_ON: found.name, "quantity": str(order.quantity)}
    return {
        "mode": "payment",
        "line_items": [{"price": found.price_id, "quantity": order.quantity}],
        "metadata": bought,
        "payment_intent_data": {"metadata": bought},
        "invoice_creation": {"enabled": True, "invoice_data": {"metadata": bought}},
    }


def _check_no_subscription(workspace: Workspace | None) -> None:
    """A workspace has one subscription; a second one would be paid for nothing."""
    if workspace is not None and Subscription.objects.for_workspace(workspace).live().exists():
        raise Conflict("This workspace has a subscription. Change its plan instead of buying another one.")


def _trial(plan: Plan, workspace: Workspace | None) -> dict[str, int]:
    """Days before the first payment. A workspace gets them once; of a stranger nobody knows who had them."""
    if workspace is None or not plan.trial_days:
        return {}
    if Subscription.objects.for_workspace(workspace).of_this_mode().exists():
        return {}
    return {"trial_period_days": plan.trial_days}


def _return_urls(success_url: str, cancel_url: str) -> dict[str, Any]:
    return {
        "success_url": check_return_url("/success_url", success_url),
        "cancel_url": check_return_url("/cancel_url", cancel_url),
        "allow_promotion_codes": True,
        **({"automatic_tax": {"enabled": True}} if settings.STRIPE_AUTOMATIC_TAX else {}),
    }


def _open_page(params: dict[str, Any], workspace: Workspace | None, address: str, key: str) -> stripe.checkout.Session:
    def open_for(buyer: Any, once: str) -> stripe.checkout.Session:
        return client().v1.checkout.sessions.create(params | buyer, {"idempotency_key": once})

    if workspace is None:
        return open_for(_stranger(address), key)
    # Another customer is another call, which must not get the answer of the first.
    return as_customer(workspace, lambda found: open_for(_buyer(workspace, found), f"{key}-{found}"), email=address)


def _stranger(address: str) -> dict[str, Any]:
    """Stripe makes a new customer of whoever pays. The address fills a field in, and selects nobody."""
    return {"customer_email": address} if address else {}


def _buyer(workspace: Workspace, customer: str) -> dict[str, Any]:
    taxed = {"customer_update": {"address": "auto", "name": "auto"}, "tax_id_collection": {"enabled": True}}
    return {
        "customer": customer,
        "client_reference_id": str(workspace.pk),
        **(taxed if settings.STRIPE_AUTOMATIC_TAX else {}),
    }


def _is_only_page(made: stripe.checkout.Session) -> bool:
    """Close the pages for a plan that the customer left open before: paying on two of them would buy two plans.

    False: this one was closed so itself, and Stripe remembered it by its key. Raises Conflict for a customer who has
    paid on another one, of which our receivers do not know yet.
    """
    # Older ones cannot be open, and may have been another shop's on the same account.
    query: Any = {"customer": str(made.customer), "limit": PAGES}
    query["created"] = {"gte": int((timezone.now() - PAGES_LAST).timestamp())}
    pages = [page for page in client().v1.checkout.sessions.list(query).data if page.mode == "subscription"]
    for page in pages:
        if page.status == "open" and page.id != made.id:
            _expire(page)
    bought = {str(page.subscription) for page in pages if page.subscription}
    if bought - set(Subscription.objects.filter(pk__in=bought).values_list("pk", flat=True)):
        _expire(made)
        raise Conflict("Your payment is being confirmed. The plan begins within seconds; do not pay again.")
    return not any(page.id == made.id and page.status == "expired" for page in pages)


def _expire(page: stripe.checkout.Session) -> None:
    # It was paid or has expired this moment.
    with suppress(stripe.InvalidRequestError):
        client().v1.checkout.sessions.expire(page.id, options={"idempotency_key": f"expire-{page.id}"})
