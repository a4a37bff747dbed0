"""Sums of invoices: coupons, codes, taxes, credit, to the cent."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from tests.billing.sandbox.browser import visit
from tests.billing.sandbox.fixture import Sandbox
from tests.billing.sandbox.shop import Shop


@pytest.fixture
def shop(sandbox: Sandbox) -> Shop:
    return Shop(sandbox)


def test_it_spreads_a_fixed_amount_over_the_lines(shop: Shop) -> None:
    coupon = shop.api.coupons.create(params={"amount_off": 1000, "currency": "usd", "duration": "forever"})
    subscription = shop.subscribe(
        shop.price(3333), shop.price(3333), shop.price(3334), discounts=[{"coupon": coupon.id}]
    )
    invoice = shop.invoices(subscription.id)[0]
    parts = [line.discount_amounts[0].amount for line in invoice.lines.data]
    assert sorted(parts) == [333, 333, 334]
    assert (invoice.subtotal, invoice.total_discount_amounts[0].amount, invoice.total) == (10_000, 1000, 9000)


def test_it_takes_off_no_more_than_there_is(shop: Shop) -> None:
    coupon = shop.api.coupons.create(params={"amount_off": 9999, "currency": "usd", "duration": "once"})
    session = shop.session(shop.price(3000), discounts=[{"coupon": coupon.id}])
    assert session.amount_total == 0
    shop.sandbox.pay(str(session.url))
    session = shop.api.checkout.sessions.retrieve(session.id)
    assert session.payment_status == "no_payment_required"
    assert shop.subscription(session.subscription).status == "active"
    shop.sandbox.advance(days=32)
    assert [invoice.total for invoice in shop.invoices(session.subscription)] == [0, 3000]


def test_it_ends_a_discount_after_its_months(shop: Shop) -> None:
    coupon = shop.api.coupons.create(params={"percent_off": 50, "duration": "repeating", "duration_in_months": 2})
    subscription = shop.subscribe(shop.price(3000), discounts=[{"coupon": coupon.id}])
    shop.sandbox.advance(days=31 * 4)
    assert [invoice.total for invoice in shop.invoices(subscription.id)][:4] == [1500, 1500, 3000, 3000]
    assert shop.subscription(subscription.id).discounts == []


def test_it_discounts_only_what_a_coupon_is_for(shop: Shop) -> None:
    plan, pack = shop.price(3000), shop.price(500, name="Alerts")
    product = shop.api.prices.retrieve(pack).product
    coupon = shop.api.coupons.create(
        params={"percent_off": 100, "duration": "forever", "applies_to": {"products": [product]}}
    )
    subscription = shop.subscribe(plan, pack, discounts=[{"coupon": coupon.id}])
    assert shop.invoices(subscription.id)[0].total == 3000


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"restrictions": {"minimum_amount": 5000, "minimum_amount_currency": "usd"}}, "too small"),
        ({"customer": "else"}, "somebody else"),
        ({"max_redemptions": 1}, ""),
    ],
)
def test_it_checks_a_promotion_code(shop: Shop, limits: dict[str, Any], words: str) -> None:
    if "customer" in limits:
        limits = {"customer": shop.api.customers.create(params={"email": "max@example.com"}).id}
    coupon = shop.api.coupons.create(params={"percent_off": 20, "duration": "once"})
    promotion = {"type": "coupon", "coupon": coupon.id}
    code = shop.api.promotion_codes.create(params={"code": "HELLO", "promotion": promotion, **limits})
    session = shop.session(shop.price(4900), allow_promotion_codes=True)
    page = visit(str(session.url))
    page = page.submit(page.form_with("promotion_code"), promotion_code="HELLO")
    if words:
        assert (page.status, words in page.text) == (402, True)
        return
    shop.sandbox.pay(str(session.url))
    assert shop.api.promotion_codes.retrieve(code.id).active is False


@pytest.mark.parametrize(("behavior", "total", "tax"), [("exclusive", 11_900, 1900), ("inclusive", 10_000, 1597)])
def test_it_taxes(shop: Shop, behavior: str, total: int, tax: int) -> None:
    subscription = shop.subscribe(shop.price(10_000, tax_behavior=behavior), automatic_tax={"enabled": True})
    invoice = shop.invoices(subscription.id)[0]
    assert (invoice.total, invoice.total_taxes[0].amount, invoice.total_excluding_tax) == (total, tax, total - tax)
    assert invoice.automatic_tax.status == "complete"
    shop.sandbox.advance(days=32)
    assert shop.invoices(subscription.id)[1].total == total


def test_it_uses_credit_first(shop: Shop) -> None:
    customer = shop.api.customers.create(params={"email": "olivia@example.com", "balance": -1000})
    subscription = shop.subscribe(shop.price(3000), customer=customer.id)
    invoice = shop.invoices(subscription.id)[0]
    assert (invoice.total, invoice.starting_balance, invoice.amount_due, invoice.ending_balance) == (
        3000,
        -1000,
        2000,
        0,
    )
    assert shop.api.customers.retrieve(customer.id).balance == 0
    assert shop.api.charges.list().data[0].amount == 2000


def test_it_refuses_what_makes_no_sense(shop: Shop) -> None:
    plan, once = shop.price(3000), shop.price(500, None)
    bad: list[tuple[tuple[str, ...], dict[str, Any], str]] = [
        ((plan,), {"mode": "payment"}, "recurring price"),
        ((once,), {}, "at least one recurring"),
        ((), {}, "line_items"),
        ((plan, shop.price(1, "year")), {}, "must match"),
        ((plan,), {"allow_promotion_codes": True, "discounts": [{"coupon": "x"}]}, "only specify one"),
        ((plan,), {"customer": "cus_none"}, "No such customer"),
        ((plan,), {"surprise": 1}, "unknown parameter"),
    ]
    for prices, fields, words in bad:
        with pytest.raises(stripe.InvalidRequestError, match=words):
            shop.session(*prices, **fields)
    assert shop.api.checkout.sessions.list().data == []
