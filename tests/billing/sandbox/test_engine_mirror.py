"""dj-stripe takes over every kind of object that a sale makes, by call and by event."""

from __future__ import annotations

import json
from typing import Any

import pytest
from djstripe import models

from tests.billing.sandbox.fixture import Sandbox
from tests.billing.sandbox.shop import Shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(sandbox: Sandbox) -> Shop:
    return Shop(sandbox)


def trade(shop: Shop) -> str:
    """A bit of everything; the answer is the subscription."""
    coupon = shop.api.coupons.create(params={"percent_off": 10, "duration": "forever"})
    subscription = shop.subscribe(
        shop.price(3000),
        discounts=[{"coupon": coupon.id}],
        automatic_tax={"enabled": True},
        metadata={"workspace": "7"},
    )
    shop.sandbox.advance(days=10)
    item = subscription["items"].data[0]
    params: Any = {"items": [{"id": item.id, "price": shop.price(9000), "quantity": 2}]}
    shop.api.subscriptions.update(subscription.id, params={**params, "proration_behavior": "always_invoice"})
    shop.api.subscription_schedules.create(params={"from_subscription": subscription.id})
    shop.api.checkout.sessions.create(
        params={
            "mode": "setup",
            "currency": "usd",
            "success_url": "http://shop.example/",
            "customer": str(subscription.customer),
        }
    )
    charges = shop.api.charges.list().data
    shop.api.refunds.create(params={"charge": charges[0].id, "amount": 100})
    shop.sandbox.lever("disputes", charge=charges[1].id)
    return str(subscription.id)


KINDS = {
    "Session": "checkout.session",
    "Subscription": "subscription",
    "SubscriptionItem": "subscription_item",
    "SubscriptionSchedule": "subscription_schedule",
    "Invoice": "invoice",
    "InvoiceItem": "invoiceitem",
    "PaymentIntent": "payment_intent",
    "Charge": "charge",
    "Refund": "refund",
    "Dispute": "dispute",
    "BalanceTransaction": "balance_transaction",
    "PaymentMethod": "payment_method",
}


def ids_of(shop: Shop, kind: str, subscription: str) -> list[str]:
    """The ids of a kind that the events of a trade name, or that its objects hold."""
    if kind == "subscription_item":
        return [item.id for item in shop.subscription(subscription)["items"].data]
    if kind == "balance_transaction":
        return [row.id for row in shop.api.balance_transactions.list(params={"limit": 100}).data]
    objects = [event.data.object for event in shop.api.events.list(params={"limit": 100}).data]
    return sorted({row["id"] for row in objects if row["object"] == kind})


@pytest.mark.parametrize("name", KINDS)
def test_it_is_read_by_call(shop: Shop, name: str) -> None:
    subscription = trade(shop)
    model = getattr(models, name)
    ids = ids_of(shop, KINDS[name], subscription)
    assert ids
    for id in ids:
        row = model.sync_from_stripe_data(model(id=id).api_retrieve())
        assert (row.id, row.stripe_data["object"]) == (id, KINDS[name])
        assert row.livemode in (False, None)


@pytest.mark.slow
def test_it_is_read_by_event(shop: Shop) -> None:
    shop.sandbox.hold()
    subscription = trade(shop)
    shop.sandbox.advance(days=40)
    shop.api.subscriptions.cancel(subscription)
    for event, body, _ in shop.sandbox.pending():
        assert event["api_version"] == "2026-05-27.dahlia"
        models.Event.process(json.loads(body))
    assert models.Subscription.objects.get().status == "canceled"
    assert models.Invoice.objects.count() == 3
    assert models.Discount.objects.count() == 1
    assert models.Charge.objects.exclude(customer=None).count() == models.Charge.objects.count() == 3
    line_items = models.LineItem.objects.filter(
        stripe_data__parent__subscription_item_details__subscription=subscription
    )
    assert line_items.count() == models.LineItem.objects.count()
