"""dj-stripe takes over every kind of object that a shop sets up, by call and by event."""

from __future__ import annotations

import json

import pytest
import stripe
from djstripe import models

from tests.billing.sandbox.fixture import Sandbox

pytestmark = pytest.mark.django_db


def set_up(sandbox: Sandbox) -> dict[str, stripe.StripeObject]:
    """One of each, by the name of dj-stripe's model."""
    api = sandbox.api.v1
    customer = api.customers.create(params={"email": "olivia@example.com", "metadata": {"workspace": "7"}})
    method = api.payment_methods.attach("pm_card_visa", params={"customer": customer.id})
    api.customers.update(customer.id, params={"invoice_settings": {"default_payment_method": method.id}})
    price = api.prices.create(
        params={
            "currency": "usd",
            "unit_amount": 4900,
            "recurring": {"interval": "month"},
            "product_data": {"name": "Pro"},
            "lookup_key": "pro_month",
        }
    )
    coupon = api.coupons.create(
        params={"id": "SPRING", "percent_off": 12.5, "applies_to": {"products": [str(price.product)]}}
    )
    code = api.promotion_codes.create(
        params={"code": "HELLO", "promotion": {"type": "coupon", "coupon": coupon.id}, "customer": customer.id}
    )
    return {
        "Product": api.products.retrieve(str(price.product)),
        "Price": price,
        "Customer": api.customers.retrieve(customer.id),
        "PaymentMethod": method,
        "Coupon": coupon,
        "PromotionCode": code,
    }


def test_it_is_read_by_call(sandbox: Sandbox) -> None:
    for name, obj in set_up(sandbox).items():
        model = getattr(models, name)
        row = model.sync_from_stripe_data(model(id=obj["id"]).api_retrieve())
        assert row.id == obj["id"], name
    row = models.Customer.objects.get()
    assert row.default_payment_method.stripe_data["card"]["last4"] == "4242"


def test_it_is_read_by_list(sandbox: Sandbox) -> None:
    made = set_up(sandbox)
    for name in ("Product", "Price", "Customer", "Coupon", "PromotionCode"):
        listed = [row["id"] for row in getattr(models, name).api_list()]
        assert listed == [made[name]["id"]], name


def test_it_is_told_by_event(sandbox: Sandbox) -> None:
    sandbox.hold()
    made = set_up(sandbox)
    for _, body, _ in sandbox.pending():
        models.Event.process(json.loads(body))
    for name in ("Product", "Price", "Customer", "PaymentMethod", "Coupon"):
        assert getattr(models, name).objects.get().id == made[name]["id"], name


def test_it_is_told_when_a_customer_goes(sandbox: Sandbox) -> None:
    """dj-stripe deletes it once more and keeps its row, for the invoices."""
    customer = sandbox.api.v1.customers.create()
    models.Customer.sync_from_stripe_data(customer)
    sandbox.hold()
    sandbox.api.v1.customers.delete(customer.id)
    for _, body, _ in sandbox.pending():
        models.Event.process(json.loads(body))
    assert models.Customer.objects.get().id == customer.id


def test_it_is_told_whose_all_of_it_is(sandbox: Sandbox) -> None:
    account = sandbox.api.v1.accounts.retrieve_current()
    assert models.Account.get_default_account().id == account.id
