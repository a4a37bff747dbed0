"""From a checkout session over its payment page to a paid subscription."""

from __future__ import annotations

import pytest

from tests.billing.sandbox.browser import visit
from tests.billing.sandbox.fixture import Sandbox
from tests.billing.sandbox.shop import CANCEL, Shop

FAILS_LATER = "4000000000000341"
NO_FUNDS = "4000000000009995"
ASKS = "4000002500003155"


@pytest.fixture
def shop(sandbox: Sandbox) -> Shop:
    return Shop(sandbox)


def test_it_sells_a_subscription(shop: Shop) -> None:
    price = shop.price(4900)
    customer = shop.api.customers.create(params={"email": "olivia@example.com"})
    session = shop.session(
        price,
        customer=customer.id,
        client_reference_id="7",
        metadata={"workspace": "7"},
        subscription_data={"metadata": {"workspace": "7"}},
    )
    assert (session.status, session.payment_status, session.amount_total) == ("open", "unpaid", 4900)
    page = shop.sandbox.pay(str(session.url))
    assert page.url == f"http://shop.example/done?session={session.id}"
    session = shop.api.checkout.sessions.retrieve(
        session.id, params={"expand": ["subscription.latest_invoice.payments", "line_items"]}
    )
    assert (session.status, session.payment_status, session.customer) == ("complete", "paid", customer.id)
    subscription = session.subscription
    assert subscription.status == "active"
    assert subscription.metadata["workspace"] == "7"
    item = subscription["items"].data[0]
    assert (item.price.id, item.quantity) == (price, 1)
    assert 28 * 86_400 <= item.current_period_end - item.current_period_start <= 31 * 86_400
    invoice = subscription.latest_invoice
    assert (invoice.status, invoice.total, invoice.amount_paid) == ("paid", 4900, 4900)
    assert invoice.parent.subscription_details.subscription == subscription.id
    intent = shop.api.payment_intents.retrieve(invoice.payments.data[0].payment.payment_intent)
    assert (intent.status, intent.amount_received) == ("succeeded", 4900)
    assert [line.amount_total for line in session.line_items.data] == [4900]


def test_it_tells_of_a_sale_in_stripes_order(shop: Shop) -> None:
    price = shop.price(4900)
    before = len(shop.events())
    shop.subscribe(price)
    assert shop.events(before) == [
        "customer.created",
        "payment_method.attached",
        "payment_intent.created",
        "customer.updated",
        "invoice.created",
        "customer.subscription.created",
        "invoice.finalized",
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice.updated",
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice_payment.paid",
        "customer.subscription.updated",
        "checkout.session.completed",
    ]


def test_it_tells_of_a_sale_before_its_end(shop: Shop) -> None:
    """The first event shows the subscription as it was before it was paid."""
    shop.subscribe(shop.price(4900))
    events = shop.api.events.list(params={"types": ["customer.subscription.created", "customer.subscription.updated"]})
    assert [event.data.object["status"] for event in events.data] == ["active", "incomplete"]
    assert events.data[0].data.previous_attributes["status"] == "incomplete"


@pytest.mark.parametrize(("card", "words"), [(NO_FUNDS, "insufficient funds"), ("4000000000000002", "declined")])
def test_it_declines_and_takes_another_card(shop: Shop, card: str, words: str) -> None:
    session = shop.session(shop.price(4900))
    page = shop.sandbox.pay(str(session.url), card)
    assert page.status == 402
    assert words in page.text
    assert shop.api.subscriptions.list().data == []
    assert shop.events()[-2:] == ["charge.failed", "payment_intent.payment_failed"]
    assert shop.sandbox.pay(str(session.url)).url.startswith("http://shop.example/done")
    assert len(shop.api.payment_intents.list().data) == 1


def test_it_refuses_a_number_that_is_no_test_card(shop: Shop) -> None:
    page = shop.sandbox.pay(str(shop.session(shop.price(4900)).url), "4111111111111111")
    assert page.status == 402
    assert "test cards only" in page.text


@pytest.mark.parametrize(("factor", "status"), [("complete", "complete"), ("fail", "open")])
def test_it_asks_for_a_second_factor(shop: Shop, factor: str, status: str) -> None:
    session = shop.session(shop.price(4900))
    page = shop.sandbox.pay(str(session.url), ASKS, factor=factor)
    assert ("authenticate" in page.text) == (factor == "fail")
    assert shop.api.checkout.sessions.retrieve(session.id).status == status
    assert "payment_intent.requires_action" in shop.events()
    # Once it was given, renewals go through without it.
    for subscription in shop.api.subscriptions.list().data:
        shop.sandbox.advance(days=32)
        assert shop.subscription(subscription.id).status == "active"
        assert [invoice.status for invoice in shop.invoices(subscription.id)] == ["paid", "paid"]


def test_it_is_paid_once(shop: Shop) -> None:
    session = shop.session(shop.price(4900))
    url = str(session.url)
    shop.sandbox.pay(url)
    assert "This is done" in visit(url).text
    assert len(shop.api.charges.list().data) == 1


def test_it_expires(shop: Shop) -> None:
    session = shop.session(shop.price(4900))
    other = shop.session(shop.price(4900))
    assert shop.api.checkout.sessions.expire(other.id).status == "expired"
    page = visit(str(session.url))
    assert CANCEL in page.links
    shop.sandbox.advance(days=1, seconds=5)
    assert shop.api.checkout.sessions.retrieve(session.id).status == "expired"
    assert "expired" in visit(str(session.url)).text
    assert shop.events()[-1] == "checkout.session.expired"


def test_it_begins_with_a_trial(shop: Shop) -> None:
    session = shop.session(shop.price(4900), subscription_data={"trial_period_days": 14})
    assert session.amount_total == 0
    shop.sandbox.pay(str(session.url))
    session = shop.api.checkout.sessions.retrieve(session.id, params={"expand": ["subscription"]})
    assert (session.payment_status, session.subscription.status) == ("no_payment_required", "trialing")
    shop.sandbox.advance(days=11, seconds=60)
    assert shop.events()[-1] == "customer.subscription.trial_will_end"
    shop.sandbox.advance(days=3, seconds=3600)
    subscription = shop.subscription(session.subscription.id)
    assert subscription.status == "active"
    assert [(i.billing_reason, i.total, i.status) for i in shop.invoices(subscription.id)] == [
        ("subscription_create", 0, "paid"),
        ("subscription_cycle", 4900, "paid"),
    ]


def test_it_sells_a_thing_once(shop: Shop) -> None:
    customer = shop.api.customers.create(params={"email": "olivia@example.com"})
    session = shop.session(
        shop.price(900, None, "Data pack"),
        mode="payment",
        customer=customer.id,
        invoice_creation={"enabled": True},
        payment_intent_data={"metadata": {"pack": "history"}},
    )
    shop.sandbox.pay(str(session.url))
    session = shop.api.checkout.sessions.retrieve(session.id, params={"expand": ["payment_intent", "invoice"]})
    assert (session.payment_status, session.subscription) == ("paid", None)
    assert session.payment_intent.metadata["pack"] == "history"
    assert (session.invoice.status, session.invoice.total, session.invoice.parent) == ("paid", 900, None)


def test_it_takes_promotion_codes_and_taxes(shop: Shop) -> None:
    price = shop.price(10_000)
    coupon = shop.api.coupons.create(params={"percent_off": 20, "duration": "once"})
    shop.api.promotion_codes.create(params={"code": "HELLO", "promotion": {"type": "coupon", "coupon": coupon.id}})
    session = shop.session(price, allow_promotion_codes=True, automatic_tax={"enabled": True})
    assert (session.amount_subtotal, session.amount_total) == (10_000, 11_900)
    page = visit(str(session.url))
    wrong = page.submit(page.form_with("promotion_code"), promotion_code="NOPE")
    assert wrong.status == 402
    assert "invalid" in wrong.text
    page = page.submit(page.form_with("promotion_code"), promotion_code="hello")
    assert "-$20.00" in page.text
    assert "$15.20" in page.text
    assert "$95.20" in page.text
    subscription = _paid(shop, session.id, str(session.url))
    shop.sandbox.advance(days=32)
    first, second = shop.invoices(subscription)
    assert (first.subtotal, first.total_discount_amounts[0].amount, first.total) == (10_000, 2_000, 9_520)
    assert first.total_taxes[0].amount == 1_520
    assert second.total == 11_900
    assert shop.api.coupons.retrieve(coupon.id).times_redeemed == 1


def _paid(shop: Shop, id: str, url: str) -> str:
    shop.sandbox.pay(url)
    return str(shop.api.checkout.sessions.retrieve(id).subscription)
