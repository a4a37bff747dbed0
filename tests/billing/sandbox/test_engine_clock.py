"""What comes with time: renewals, retries, ends."""

from __future__ import annotations

from itertools import pairwise

import pytest
import stripe

from tests.billing.sandbox.fixture import Sandbox
from tests.billing.sandbox.shop import Shop

FAILS_LATER = "4000000000000341"
DAY = 86_400


@pytest.fixture
def shop(sandbox: Sandbox) -> Shop:
    return Shop(sandbox)


def statuses(shop: Shop, subscription: str) -> list[str]:
    return [str(invoice.status) for invoice in shop.invoices(subscription)]


def test_it_renews(shop: Shop) -> None:
    subscription = shop.subscribe(shop.price(4900))
    end = subscription["items"].data[0].current_period_end
    before = len(shop.events())
    shop.sandbox.advance(days=31, seconds=7200)
    subscription = shop.subscription(subscription.id)
    assert subscription["items"].data[0].current_period_start == end
    invoice = shop.invoices(subscription.id)[-1]
    assert (invoice.billing_reason, invoice.status, invoice.total) == ("subscription_cycle", "paid", 4900)
    assert (invoice.created, invoice.lines.data[0].period.start) == (end, end)
    assert invoice.number.endswith("-0002")
    assert shop.events(before) == [
        "invoice.created",
        "customer.subscription.updated",
        "invoice.finalized",
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice.updated",
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice_payment.paid",
    ]


def test_it_lays_a_renewal_down_for_an_hour(shop: Shop) -> None:
    subscription = shop.subscribe(shop.price(4900))
    end = subscription["items"].data[0].current_period_end
    shop.sandbox.advance(seconds=end - shop.sandbox.advance() + 60)
    assert statuses(shop, subscription.id) == ["paid", "draft"]
    assert shop.subscription(subscription.id).status == "active"
    shop.sandbox.advance(seconds=3600)
    assert statuses(shop, subscription.id) == ["paid", "paid"]


def test_it_keeps_the_day_of_the_month(shop: Shop) -> None:
    subscription = shop.subscribe(shop.price(4900))
    shop.sandbox.advance(days=366 * 2)
    starts = [invoice.lines.data[0].period.start for invoice in shop.invoices(subscription.id)]
    assert len(starts) == 25
    assert all(28 * DAY <= b - a <= 31 * DAY for a, b in pairwise(starts))
    assert starts[12] - starts[0] in (365 * DAY, 366 * DAY)


def test_it_tries_again_then_ends(shop: Shop) -> None:
    subscription = shop.subscribe(shop.price(4900), card=FAILS_LATER)
    now = shop.sandbox.advance(days=31, seconds=7200)
    invoice = shop.invoices(subscription.id)[-1]
    assert shop.subscription(subscription.id).status == "past_due"
    assert (invoice.status, invoice.attempt_count) == ("open", 1)
    assert 0 < invoice.next_payment_attempt - now <= 3 * DAY
    shop.sandbox.advance(days=3)
    assert shop.invoices(subscription.id)[-1].attempt_count == 2
    shop.sandbox.advance(days=5)
    assert shop.invoices(subscription.id)[-1].attempt_count == 3
    assert shop.subscription(subscription.id).status == "past_due"
    shop.sandbox.advance(days=7)
    subscription = shop.subscription(subscription.id)
    assert (subscription.status, subscription.cancellation_details.reason) == ("canceled", "payment_failed")
    invoice = shop.invoices(subscription.id)[-1]
    assert (invoice.status, invoice.attempt_count, invoice.next_payment_attempt) == ("open", 4, None)
    assert shop.events()[-1] == "customer.subscription.deleted"


@pytest.mark.parametrize("aftermath", ["unpaid", "past_due"])
def test_it_may_go_on_unpaid(shop: Shop, aftermath: str) -> None:
    shop.sandbox.lever("dunning", aftermath=aftermath)
    subscription = shop.subscribe(shop.price(4900, "year"), card=FAILS_LATER)
    shop.sandbox.advance(days=366 + 20)
    assert shop.subscription(subscription.id).status == aftermath


def test_it_tells_of_a_failed_renewal(shop: Shop) -> None:
    shop.subscribe(shop.price(4900), card=FAILS_LATER)
    before = len(shop.events())
    shop.sandbox.advance(days=31, seconds=7200)
    assert shop.events(before) == [
        "invoice.created",
        "customer.subscription.updated",
        "invoice.finalized",
        "payment_intent.created",
        "charge.failed",
        "payment_intent.payment_failed",
        "invoice.updated",
        "invoice.payment_failed",
        "invoice.updated",
        "customer.subscription.updated",
    ]


def test_it_is_active_again_once_paid(shop: Shop) -> None:
    subscription = shop.subscribe(shop.price(4900), card=FAILS_LATER)
    shop.sandbox.advance(days=31, seconds=7200)
    invoice = shop.invoices(subscription.id)[-1]
    with pytest.raises(stripe.CardError):
        shop.api.invoices.pay(str(invoice.id))
    method = shop.api.payment_methods.attach("pm_card_visa", params={"customer": str(subscription.customer)})
    shop.api.subscriptions.update(subscription.id, params={"default_payment_method": method.id})
    assert shop.api.invoices.pay(str(invoice.id)).status == "paid"
    assert shop.subscription(subscription.id).status == "active"
    shop.sandbox.advance(days=40)
    assert statuses(shop, subscription.id) == ["paid", "paid", "paid"]


def test_it_ends_with_its_period(shop: Shop) -> None:
    subscription = shop.subscribe(shop.price(4900))
    end = subscription["items"].data[0].current_period_end
    subscription = shop.api.subscriptions.update(subscription.id, params={"cancel_at_period_end": True})
    assert (subscription.cancel_at_period_end, subscription.cancel_at) == (True, end)
    assert subscription.status == "active"
    shop.sandbox.advance(days=32)
    subscription = shop.subscription(subscription.id)
    assert (subscription.status, subscription.ended_at) == ("canceled", end)
    assert subscription.cancellation_details.reason == "cancellation_requested"
    assert statuses(shop, subscription.id) == ["paid"]


def test_it_goes_on_when_the_end_is_taken_back(shop: Shop) -> None:
    id = shop.subscribe(shop.price(4900)).id
    shop.api.subscriptions.update(id, params={"cancel_at_period_end": True})
    subscription = shop.api.subscriptions.update(id, params={"cancel_at_period_end": False})
    assert (subscription.cancel_at_period_end, subscription.cancel_at, subscription.canceled_at) == (False, None, None)
    shop.sandbox.advance(days=32)
    assert shop.subscription(id).status == "active"


def test_it_ends_at_a_date(shop: Shop) -> None:
    id = shop.subscribe(shop.price(4900)).id
    at = shop.sandbox.advance() + 5 * DAY
    assert shop.api.subscriptions.update(id, params={"cancel_at": at}).cancel_at == at
    # As at Stripe: taking back the end of a period does not take back a date.
    assert shop.api.subscriptions.update(id, params={"cancel_at_period_end": False}).cancel_at == at
    shop.sandbox.advance(days=6)
    assert shop.subscription(id).ended_at == at


def test_it_is_canceled_at_once(shop: Shop) -> None:
    id = shop.subscribe(shop.price(4900)).id
    assert shop.api.subscriptions.cancel(id).status == "canceled"
    with pytest.raises(stripe.InvalidRequestError, match="No such subscription"):
        shop.api.subscriptions.cancel(id)
    with pytest.raises(stripe.InvalidRequestError, match="canceled subscription"):
        shop.api.subscriptions.update(id, params={"cancel_at_period_end": False})
    assert shop.api.subscriptions.list().data == []
    assert len(shop.api.subscriptions.list(params={"status": "all"}).data) == 1


def test_it_waits_a_day_for_the_first_payment(shop: Shop) -> None:
    customer = shop.api.customers.create(params={"email": "max@example.com"})
    method = shop.api.payment_methods.attach("pm_card_chargeCustomerFail", params={"customer": customer.id})
    params = {"customer": customer.id, "items": [{"price": shop.price(4900)}], "default_payment_method": method.id}
    with pytest.raises(stripe.CardError, match="declined"):
        shop.api.subscriptions.create(params={**params, "payment_behavior": "error_if_incomplete"})
    assert shop.api.subscriptions.list().data == []
    subscription = shop.api.subscriptions.create(params=params)
    assert subscription.status == "incomplete"
    shop.sandbox.advance(days=1)
    assert shop.subscription(subscription.id).status == "incomplete_expired"
    assert statuses(shop, subscription.id) == ["void"]


@pytest.mark.parametrize(("setting", "status"), [("cancel", "canceled"), ("pause", "paused")])
def test_it_ends_a_trial_that_nobody_can_pay(shop: Shop, setting: str, status: str) -> None:
    customer = shop.api.customers.create(params={"email": "max@example.com"})
    subscription = shop.api.subscriptions.create(
        params={
            "customer": customer.id,
            "items": [{"price": shop.price(4900)}],
            "trial_period_days": 7,
            "trial_settings": {"end_behavior": {"missing_payment_method": setting}},
        }
    )
    assert subscription.status == "trialing"
    shop.sandbox.advance(days=8)
    assert shop.subscription(subscription.id).status == status


def test_it_fails_to_renew_a_card_that_asks_each_time(shop: Shop) -> None:
    card = "4000002760003184"
    subscription = shop.subscribe(shop.price(4900), card=card)
    shop.sandbox.advance(days=31, seconds=7200)
    assert "invoice.payment_action_required" in shop.events()
    assert shop.subscription(subscription.id).status == "past_due"
    invoice = shop.invoices(subscription.id)[-1]
    shop.sandbox.pay(str(invoice.hosted_invoice_url), card)
    assert shop.subscription(subscription.id).status == "active"


def test_it_ends_what_a_deleted_customer_pays_for(shop: Shop) -> None:
    subscription = shop.subscribe(shop.price(4900))
    shop.api.customers.delete(str(subscription.customer))
    assert shop.subscription(subscription.id).status == "canceled"
    assert shop.events()[-1] == "customer.deleted"
