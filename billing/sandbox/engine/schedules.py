"""Subscription schedules: phases that follow one another, and what happens after the last."""

from __future__ import annotations

from typing import Any

from billing.sandbox.engine import changes, collection, discounts, subscriptions
from billing.sandbox.engine.news import telling
from billing.sandbox.engine.subscriptions import Wanted
from billing.sandbox.events import emit
from billing.sandbox.shapes import schedule as shapes
from billing.sandbox.store import Object, store

UPDATED = "subscription_schedule.updated"


def attach(subscription: Object, **fields: Any) -> Object:
    """Make a schedule of what a subscription holds; its first phase is the present period."""
    data = store()
    phase = _present(subscription)
    schedule = shapes.schedule(
        id=data.new_id("sub_sched"),
        created=data.now(),
        current_phase={"start_date": phase["start_date"], "end_date": phase["end_date"]},
        customer=subscription["customer"],
        phases=[phase],
        status="active",
        subscription=subscription["id"],
        **fields,
    )
    data.put("subscription_schedule", schedule)
    with telling(subscriptions.UPDATED, subscription):
        subscription["schedule"] = schedule["id"]
    emit("subscription_schedule.created", schedule)
    return schedule


def _present(subscription: Object) -> Object:
    start, end = subscriptions.period(subscription)
    items = [
        shapes.phase_item(item["price"]["id"], item["quantity"], dict(item["metadata"]))
        for item in subscriptions.items_of(subscription)
    ]
    return shapes.phase(
        items,
        automatic_tax=subscription["automatic_tax"],
        currency=subscription["currency"],
        default_payment_method=subscription["default_payment_method"],
        discounts=[shapes.phase_discount(discount=id) for id in subscription["discounts"]],
        end_date=end,
        start_date=start,
        trial_end=subscription["trial_end"] if subscription["status"] == "trialing" else None,
    )


def next_moment(schedule: Object) -> int | None:
    """When the running phase ends, or the first one begins."""
    if schedule["status"] == "not_started":
        return int(schedule["phases"][0]["start_date"])
    current = schedule["current_phase"]
    return int(current["end_date"]) if schedule["status"] == "active" and current else None


def step(schedule: Object) -> None:
    """Go on to the phase that begins now, or finish."""
    now = store().now()
    following = [phase for phase in schedule["phases"] if phase["start_date"] <= now < phase["end_date"]]
    if not following:
        finish(schedule)
        return
    phase = following[-1]
    with telling(UPDATED, schedule):
        schedule["status"] = "active"
        schedule["current_phase"] = {"start_date": phase["start_date"], "end_date": phase["end_date"]}
    enter(schedule, phase)


def enter(schedule: Object, phase: Object) -> None:
    """Let the subscription hold what a phase says, prorated as it says."""
    data = store()
    subscription = data.get("subscription", schedule["subscription"])
    change = changes.Change(_wanted(subscription, phase), behavior=phase["proration_behavior"])
    with telling(subscriptions.UPDATED, subscription):
        subscription["discounts"] = _discounts(subscription, phase)
        subscription["automatic_tax"] = phase["automatic_tax"]
        invoice = changes.apply(subscription, change)
        subscription["metadata"] = subscription["metadata"] | phase["metadata"]
    if invoice:
        collection.advance(invoice)


def _discounts(subscription: Object, phase: Object) -> list[str]:
    """The discounts that a phase has; a coupon of its own is redeemed now, once."""
    for given in phase["discounts"]:
        if given["discount"] is None:
            code = store().get("promotion_code", given["promotion_code"]) if given["promotion_code"] else None
            coupon = store().get("coupon", code["promotion"]["coupon"] if code else given["coupon"])
            made = discounts.redeem(coupon, code, customer=subscription["customer"], subscription=subscription["id"])
            given |= {"coupon": None, "promotion_code": None, "discount": made}
    return [given["discount"] for given in phase["discounts"]]


def _wanted(subscription: Object, phase: Object) -> list[Wanted]:
    """The items of a phase; one that the subscription has keeps its id, a lone one is changed into the other."""
    held = subscriptions.items_of(subscription)
    by_price = {item["price"]["id"]: item for item in held}
    spare = [item for item in held if item["price"]["id"] not in {row["price"] for row in phase["items"]}]
    found = []
    for row in phase["items"]:
        item = by_price.get(row["price"]) or (spare.pop(0) if spare else None)
        price = store().get("price", row["price"])
        metadata = row["metadata"] or (item["metadata"] if item else {})
        found.append(Wanted(price, row["quantity"], metadata, item["id"] if item else ""))
    return found


def finish(schedule: Object) -> None:
    """After the last phase: let the subscription go on by itself, or end it."""
    data = store()
    if schedule["end_behavior"] == "release":
        release(schedule, keeps_canceling=True)
        return
    subscription = data.get("subscription", schedule["subscription"])
    schedule |= {"status": "completed", "completed_at": data.now(), "current_phase": None}
    subscription["schedule"] = None
    emit("subscription_schedule.completed", schedule)
    subscriptions.end(subscription, None)


def release(schedule: Object, *, keeps_canceling: bool) -> None:
    """The subscription goes on as it is, without a schedule."""
    data = store()
    subscription = data.get("subscription", schedule["subscription"])
    with telling(subscriptions.UPDATED, subscription):
        subscription["schedule"] = None
        if not keeps_canceling:
            subscription |= {"cancel_at": None, "cancel_at_period_end": False, "canceled_at": None}
    schedule |= {
        "status": "released",
        "released_at": data.now(),
        "released_subscription": subscription["id"],
        "subscription": None,
        "current_phase": None,
    }
    emit("subscription_schedule.released", schedule)


def cancel(schedule: Object) -> None:
    """End the schedule and its subscription."""
    data = store()
    subscription = data.objects.get(schedule["subscription"] or "")
    if subscription and subscription["status"] in subscriptions.LIVE:
        subscriptions.end(subscription, "cancellation_requested")
    if schedule["status"] != "canceled":
        schedule |= {"status": "canceled", "canceled_at": data.now(), "current_phase": None}
        emit("subscription_schedule.canceled", schedule)
