"""Changing a subscription: prorations to the second, previews that say the same, schedules."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from tests.billing.sandbox.fixture import Sandbox
from tests.billing.sandbox.shop import Shop

FAILS_LATER = "4000000000000341"
DAY = 86_400


@pytest.fixture
def shop(sandbox: Sandbox) -> Shop:
    return Shop(sandbox)


def half_over(shop: Shop, subscription: Any) -> int:
    """Go to the middle of the running period; the answer is that second."""
    item = subscription["items"].data[0]
    middle = (item.current_period_start + item.current_period_end) // 2
    return shop.sandbox.advance(seconds=middle - shop.sandbox.advance())


def to(price: str, subscription: Any, **fields: Any) -> dict[str, Any]:
    """The parameters that put a subscription's item on another price."""
    return {"items": [{"id": subscription["items"].data[0].id, "price": price}], **fields}


def test_it_charges_an_upgrade_now(shop: Shop) -> None:
    subscription = shop.subscribe(shop.price(3000))
    now = half_over(shop, subscription)
    item = subscription["items"].data[0]
    params = to(shop.price(9000, name="Quant"), subscription, proration_behavior="always_invoice", proration_date=now)
    preview = shop.api.invoices.create_preview(
        params={"subscription": subscription.id, "subscription_details": {**params}}
    )
    changed = shop.api.subscriptions.update(subscription.id, params=params)
    assert changed["items"].data[0].id == item.id
    assert changed["items"].data[0].price.unit_amount == 9000
    assert changed["items"].data[0].current_period_end == item.current_period_end
    invoice = shop.invoices(subscription.id)[-1]
    left, whole = item.current_period_end - now, item.current_period_end - item.current_period_start
    assert [line.amount for line in invoice.lines.data] == [-round(3000 * left / whole), round(9000 * left / whole)]
    assert (invoice.billing_reason, invoice.status) == ("subscription_update", "paid")
    assert (preview.amount_due, preview.total) == (invoice.amount_due, invoice.total)
    assert [line.description for line in preview.lines.data] == [line.description for line in invoice.lines.data]
    assert "Unused time on Pro" in str(invoice.lines.data[0].description)
    details = invoice.lines.data[0].parent.subscription_item_details
    assert details.proration
    assert details.proration_details.credited_items.invoice == subscription.latest_invoice


def test_it_puts_a_change_on_the_next_invoice(shop: Shop) -> None:
    subscription = shop.subscribe(shop.price(3000))
    now = half_over(shop, subscription)
    dear = shop.price(9000, name="Quant")
    shop.api.subscriptions.update(subscription.id, params=to(dear, subscription, proration_date=now))
    assert len(shop.invoices(subscription.id)) == 1
    preview = shop.api.invoices.create_preview(params={"subscription": subscription.id})
    shop.sandbox.advance(days=17)
    invoice = shop.invoices(subscription.id)[-1]
    assert [line.amount for line in invoice.lines.data][2] == 9000
    assert invoice.total == sum(line.amount for line in invoice.lines.data) == preview.total
    assert 11_990 <= invoice.total <= 12_010
    assert len(shop.api.invoice_items.list(params={"pending": True}).data) == 0


def test_it_changes_without_money(shop: Shop) -> None:
    subscription = shop.subscribe(shop.price(3000))
    params = to(shop.price(9000), subscription, proration_behavior="none")
    shop.api.subscriptions.update(subscription.id, params=params)
    assert len(shop.invoices(subscription.id)) == 1
    shop.sandbox.advance(days=32)
    assert shop.invoices(subscription.id)[-1].total == 9000


def test_it_keeps_the_plan_when_the_upgrade_is_not_paid(shop: Shop) -> None:
    subscription = shop.subscribe(shop.price(3000), card=FAILS_LATER)
    half_over(shop, subscription)
    events = len(shop.events())
    params = to(
        shop.price(9000),
        subscription,
        proration_behavior="always_invoice",
        payment_behavior="error_if_incomplete",
    )
    with pytest.raises(stripe.CardError) as raised:
        shop.api.subscriptions.update(subscription.id, params=params)
    assert (raised.value.code, raised.value.http_status) == ("card_declined", 402)
    unchanged = shop.subscription(subscription.id)
    assert (unchanged["items"].data[0].price.unit_amount, unchanged.status) == (3000, "active")
    assert len(shop.invoices(subscription.id)) == 1
    assert not [name for name in shop.events(events) if not name.startswith(("price", "product"))]
    params.pop("payment_behavior")
    assert shop.api.subscriptions.update(subscription.id, params=params).status == "past_due"


def test_it_says_by_stripes_word_that_a_bank_would_have_to_ask(shop: Shop) -> None:
    subscription = shop.subscribe(shop.price(3000), card="4000002760003184")
    behavior = {"proration_behavior": "always_invoice", "payment_behavior": "error_if_incomplete"}
    with pytest.raises(stripe.CardError) as raised:
        shop.api.subscriptions.update(subscription.id, params=to(shop.price(9000), subscription, **behavior))
    assert raised.value.code == "subscription_payment_intent_requires_action"


def test_it_gives_credit_for_a_downgrade_now(shop: Shop) -> None:
    subscription = shop.subscribe(shop.price(9000))
    half_over(shop, subscription)
    params = to(shop.price(3000), subscription, proration_behavior="always_invoice")
    shop.api.subscriptions.update(subscription.id, params=params)
    invoice = shop.invoices(subscription.id)[-1]
    assert (invoice.status, invoice.amount_due, invoice.payments.data) == ("paid", 0, [])
    customer = shop.api.customers.retrieve(str(subscription.customer))
    assert customer.balance == invoice.total == invoice.ending_balance
    assert -3010 < customer.balance < -2990
    shop.sandbox.advance(days=17)
    renewal = shop.invoices(subscription.id)[-1]
    # A rest of less than 50 cents waits on the balance.
    assert (renewal.total, renewal.starting_balance, renewal.amount_due) == (3000, invoice.total, 0)


def test_it_begins_a_new_cycle_with_another_interval(shop: Shop) -> None:
    subscription = shop.subscribe(shop.price(3000))
    half_over(shop, subscription)
    params = to(shop.price(30_000, "year"), subscription, proration_behavior="create_prorations")
    changed = shop.api.subscriptions.update(subscription.id, params=params)
    item = changed["items"].data[0]
    assert item.current_period_end - item.current_period_start in (365 * DAY, 366 * DAY)
    assert changed.billing_cycle_anchor == item.current_period_start
    invoice = shop.invoices(subscription.id)[-1]
    assert [line.amount for line in invoice.lines.data][1] == 30_000
    assert -1510 < invoice.lines.data[0].amount < -1490
    assert invoice.status == "paid"
    shop.sandbox.advance(days=367)
    assert shop.invoices(subscription.id)[-1].total == 30_000


def test_it_holds_several_items_and_numbers_of_them(shop: Shop) -> None:
    plan, pack = shop.price(3000), shop.price(500, name="Alerts")
    subscription = shop.subscribe(plan, pack)
    assert shop.invoices(subscription.id)[0].total == 3500
    now = half_over(shop, subscription)
    item = next(item for item in subscription["items"].data if item.price.id == pack)
    shop.api.subscription_items.update(
        item.id, params={"quantity": 5, "proration_behavior": "always_invoice", "proration_date": now}
    )
    invoice = shop.invoices(subscription.id)[-1]
    assert 995 <= invoice.total <= 1005
    assert "5 × Alerts" in str(invoice.lines.data[1].description)
    shop.api.subscription_items.delete(item.id, params={"proration_behavior": "none"})
    left = shop.subscription(subscription.id)
    assert [each.price.id for each in left["items"].data] == [plan]
    with pytest.raises(stripe.InvalidRequestError, match="at least one"):
        shop.api.subscription_items.delete(left["items"].data[0].id)


@pytest.mark.parametrize("bad", [{"interval": "year"}, {"interval": None}])
def test_it_refuses_items_of_two_rhythms(shop: Shop, bad: dict[str, Any]) -> None:
    subscription = shop.subscribe(shop.price(3000))
    other = shop.price(100, **bad)
    with pytest.raises(stripe.InvalidRequestError):
        shop.api.subscription_items.create(params={"subscription": subscription.id, "price": other})
    assert len(shop.subscription(subscription.id)["items"].data) == 1


def test_it_credits_what_was_paid_after_a_discount(shop: Shop) -> None:
    coupon = shop.api.coupons.create(params={"percent_off": 50, "duration": "forever"})
    subscription = shop.subscribe(shop.price(3000), discounts=[{"coupon": coupon.id}])
    assert shop.invoices(subscription.id)[0].total == 1500
    now = half_over(shop, subscription)
    params = to(shop.price(9000), subscription, proration_behavior="always_invoice", proration_date=now)
    shop.api.subscriptions.update(subscription.id, params=params)
    lines = shop.invoices(subscription.id)[-1].lines.data
    assert -755 < lines[0].amount < -745
    assert 2245 < lines[1].amount < 2255


def test_it_changes_down_with_the_next_period(shop: Shop) -> None:
    dear, cheap = shop.price(9000, name="Quant"), shop.price(3000)
    subscription = shop.subscribe(dear)
    schedule = shop.api.subscription_schedules.create(params={"from_subscription": subscription.id})
    phase = schedule.phases[0]
    schedule = shop.api.subscription_schedules.update(
        schedule.id,
        params={
            "end_behavior": "release",
            "phases": [
                {
                    "items": [{"price": dear, "quantity": 1}],
                    "start_date": phase.start_date,
                    "end_date": phase.end_date,
                },
                {"items": [{"price": cheap, "quantity": 1}], "proration_behavior": "none"},
            ],
        },
    )
    assert (schedule.status, len(schedule.phases)) == ("active", 2)
    subscription = shop.subscription(subscription.id)
    assert subscription.schedule == schedule.id
    with pytest.raises(stripe.InvalidRequestError, match="managed by the subscription schedule"):
        shop.api.subscriptions.update(subscription.id, params={"cancel_at_period_end": True})
    shop.sandbox.advance(days=32)
    changed = shop.subscription(subscription.id)
    assert [item.price.id for item in changed["items"].data] == [cheap]
    assert [invoice.total for invoice in shop.invoices(subscription.id)] == [9000, 3000]
    shop.sandbox.advance(days=31)
    schedule = shop.api.subscription_schedules.retrieve(schedule.id)
    assert (schedule.status, schedule.released_subscription) == ("released", subscription.id)
    assert shop.subscription(subscription.id).schedule is None
    assert shop.invoices(subscription.id)[-1].total == 3000


def test_it_changes_the_interval_with_the_next_period(shop: Shop) -> None:
    yearly, monthly = shop.price(90_000, "year"), shop.price(9000)
    subscription = shop.subscribe(yearly)
    schedule = shop.api.subscription_schedules.create(params={"from_subscription": subscription.id})
    phase = schedule.phases[0]
    phases: Any = [
        {"items": [{"price": yearly}], "start_date": phase.start_date, "end_date": phase.end_date},
        {"items": [{"price": monthly}]},
    ]
    shop.api.subscription_schedules.update(schedule.id, params={"phases": phases})
    shop.sandbox.advance(days=367)
    item = shop.subscription(subscription.id)["items"].data[0]
    assert (item.price.id, item.current_period_start) == (monthly, phase.end_date)
    assert item.current_period_end - item.current_period_start <= 31 * DAY
    assert [invoice.total for invoice in shop.invoices(subscription.id)] == [90_000, 9000]


def test_it_lets_go_of_a_schedule(shop: Shop) -> None:
    subscription = shop.subscribe(shop.price(9000))
    schedule = shop.api.subscription_schedules.create(params={"from_subscription": subscription.id})
    released = shop.api.subscription_schedules.release(schedule.id)
    assert (released.status, released.subscription) == ("released", None)
    shop.api.subscriptions.update(subscription.id, params={"cancel_at_period_end": True})
    with pytest.raises(stripe.InvalidRequestError, match="released"):
        shop.api.subscription_schedules.release(schedule.id)


def test_it_ends_a_schedule_with_its_subscription(shop: Shop) -> None:
    subscription = shop.subscribe(shop.price(9000))
    schedule = shop.api.subscription_schedules.create(params={"from_subscription": subscription.id})
    shop.api.subscriptions.cancel(subscription.id)
    assert shop.api.subscription_schedules.retrieve(schedule.id).status == "canceled"


def test_it_ends_a_trial_by_hand(shop: Shop) -> None:
    subscription = shop.subscribe(shop.price(3000), subscription_data={"trial_period_days": 14})
    later = shop.sandbox.advance() + 20 * DAY
    changed = shop.api.subscriptions.update(subscription.id, params={"trial_end": later})
    assert (changed.status, changed.trial_end, changed["items"].data[0].current_period_end) == (
        "trialing",
        later,
        later,
    )
    changed = shop.api.subscriptions.update(subscription.id, params={"trial_end": "now"})
    assert changed.status == "active"
    assert [invoice.total for invoice in shop.invoices(subscription.id)] == [0, 3000]


def test_it_previews_a_first_invoice(shop: Shop) -> None:
    customer = shop.api.customers.create(params={"email": "max@example.com"})
    details: Any = {"items": [{"price": shop.price(3000), "quantity": 2}]}
    preview = shop.api.invoices.create_preview(params={"customer": customer.id, "subscription_details": details})
    assert preview.total == 6000
    assert str(preview.id).startswith("upcoming_")
    assert shop.api.subscriptions.list().data == []
    assert shop.events()[-1].startswith(("price", "product"))


def test_it_previews_what_later_periods_cost(shop: Shop) -> None:
    subscription = shop.subscribe(shop.price(3000))
    half_over(shop, subscription)
    details: Any = to(shop.price(90_000, "year"), subscription, proration_behavior="none")
    preview = shop.api.invoices.create_preview(
        params={"subscription": subscription.id, "subscription_details": details, "preview_mode": "recurring"}
    )
    assert [line.amount for line in preview.lines.data] == [90_000]
    assert preview.total == 90_000
    assert shop.subscription(subscription.id)["items"].data[0].price.unit_amount == 3000


def test_it_previews_nothing_after_the_end(shop: Shop) -> None:
    subscription = shop.subscribe(shop.price(3000))
    shop.api.subscriptions.update(subscription.id, params={"cancel_at_period_end": True})
    with pytest.raises(stripe.InvalidRequestError) as raised:
        shop.api.invoices.create_preview(params={"subscription": subscription.id})
    assert raised.value.code == "invoice_upcoming_none"
