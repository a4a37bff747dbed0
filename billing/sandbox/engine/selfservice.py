"""What a customer does in the portal: to the card, to the plan, to the end of it."""

from __future__ import annotations

from copy import deepcopy

from billing.sandbox.engine import changes, collection, payments, schedules, subscriptions
from billing.sandbox.engine.news import telling
from billing.sandbox.engine.periods import period_end
from billing.sandbox.engine.subscriptions import Wanted
from billing.sandbox.shapes.subscription import cancellation
from billing.sandbox.store import Object, store

DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}


def use_card(customer: Object, method: Object) -> None:
    """Charge this from now on, for the customer and all that runs."""
    payments.attach(method, customer)
    payments.make_default(customer, method)
    for subscription in store().rows("subscription", customer=customer["id"]):
        if subscription["status"] in subscriptions.LIVE:
            with telling(subscriptions.UPDATED, subscription):
                subscription["default_payment_method"] = method["id"]


def cancel(subscription: Object, *, at_once: bool) -> None:
    """End it with its period, or now.

    The portal writes a date and leaves `cancel_at_period_end` alone, as Stripe's does where billing is flexible.
    """
    if at_once:
        subscriptions.end(subscription, "cancellation_requested")
        return
    drop_schedule(subscription)
    with telling(subscriptions.UPDATED, subscription):
        subscription |= {
            "cancel_at": subscriptions.period(subscription)[1],
            "canceled_at": store().now(),
            "cancellation_details": cancellation("cancellation_requested"),
        }


def resume(subscription: Object) -> None:
    """Take the end back."""
    with telling(subscriptions.UPDATED, subscription):
        subscription |= {
            "cancel_at": None,
            "cancel_at_period_end": False,
            "canceled_at": None,
            "cancellation_details": cancellation(None),
        }


def drop_schedule(subscription: Object) -> None:
    """Nothing is planned any more."""
    schedule = store().objects.get(subscription["schedule"] or "")
    if schedule:
        schedules.release(schedule, keeps_canceling=True)


def can_change(subscription: Object) -> bool:
    """Stripe's portal changes only subscriptions of one item that go on."""
    runs = subscription["status"] in ("active", "trialing", "past_due")
    return runs and not subscription["cancel_at"] and len(subscriptions.items_of(subscription)) == 1


def is_less(subscription: Object, price: Object, conditions: list[Object]) -> bool:
    """Whether the configuration lets such a change wait for the period's end."""
    old = subscriptions.items_of(subscription)[0]["price"]
    kinds = {condition["type"] for condition in conditions}
    if _days(price) != _days(old):
        return "shortening_interval" in kinds and _days(price) < _days(old)
    return "decreasing_item_amount" in kinds and bool(price["unit_amount"] < old["unit_amount"])


def _days(price: Object) -> int:
    return int(DAYS[price["recurring"]["interval"]] * price["recurring"]["interval_count"])


def change_now(subscription: Object, price: Object, behavior: str) -> None:
    """Put the plan on another price, prorated as the configuration says."""
    drop_schedule(subscription)
    item = subscriptions.items_of(subscription)[0]
    wanted = Wanted(price, item["quantity"], item["metadata"], item["id"])
    with telling(subscriptions.UPDATED, subscription):
        invoice = changes.apply(subscription, changes.Change([wanted], behavior=behavior))
    if invoice:
        collection.advance(invoice)


def change_later(subscription: Object, price: Object) -> None:
    """Put the plan on another price when its period ends."""
    drop_schedule(subscription)
    schedule = schedules.attach(subscription)
    present = schedule["phases"][0]
    start = present["end_date"]
    following = deepcopy(present) | {
        "start_date": start,
        "end_date": period_end(start, start, price["recurring"]),
        "proration_behavior": "none",
    }
    following["items"][0] |= {"price": price["id"], "plan": price["id"]}
    with telling(schedules.UPDATED, schedule):
        schedule["phases"] = [present, following]
