"""A change that waits for the end of the period: a schedule of Stripe's with two phases, the present and the next."""

from __future__ import annotations

from typing import Any

from billing.payments.basket import Basket, Goal, entries_of
from billing.payments.reading import Object, id_of
from billing.payments.stripe_api import client

RUNNING = ("active", "not_started")


def plan_change(basket: Basket, goal: Goal, *, key: str) -> None:
    """Let the subscription become the goal when its period ends, and be without a schedule afterwards.

    A change that was planned before is replaced. Raises what the client raises; a repeat with the same key does nothing
    twice, and one that stopped half-way is finished.
    """
    schedule = schedule_of(basket.found) or _make(basket, key)
    present = _present(schedule)
    following = {
        "items": [{"price": entry.price, "quantity": entry.quantity} for entry in entries_of(basket, goal)],
        "duration": {"interval": goal.interval, "interval_count": 1},
        "proration_behavior": "none",
        "discounts": _discounts(present),
        **_taxes(present),
        # Of another rhythm the first period is to begin, and to be paid, on that day: Stripe may keep the old days.
        **({"billing_cycle_anchor": "phase_start"} if goal.interval != basket.goal.interval else {}),
    }
    params: Any = {
        "end_behavior": "release",
        "proration_behavior": "none",
        "phases": [_kept(present, basket.period_end), following],
    }
    client().v1.subscription_schedules.update(schedule["id"], params, {"idempotency_key": f"{key}-plan"})


def drop_change(subscription: Object, *, key: str) -> bool:
    """Let the subscription go on as it is. False when nothing was planned."""
    schedule = schedule_of(subscription)
    if schedule is None:
        return False
    client().v1.subscription_schedules.release(schedule["id"], options={"idempotency_key": f"{key}-release"})
    return True


def schedule_of(subscription: Object) -> Object | None:
    """The schedule that is in force; it was expanded when the subscription was read."""
    found: Object | None = subscription.get("schedule")
    return found if found and found["status"] in RUNNING else None


def _make(basket: Basket, key: str) -> Object:
    params: Any = {"from_subscription": basket.id}
    options: Any = {"idempotency_key": f"{key}-schedule"}
    found: Object = client().v1.subscription_schedules.create(params, options).to_dict()
    return found


def _present(schedule: Object) -> Object:
    """The phase that runs now, the first one before the schedule has begun."""
    running = schedule["current_phase"] or schedule["phases"][0]
    found: Object = next(p for p in schedule["phases"] if p["start_date"] == running["start_date"])
    return found


def _kept(phase: Object, end: int) -> dict[str, Any]:
    """A phase as it is: what an update does not name again is lost."""
    return {
        "items": [{"price": id_of(item["price"]), "quantity": item["quantity"]} for item in phase["items"]],
        "start_date": phase["start_date"],
        "end_date": end,
        "discounts": _discounts(phase),
        **_taxes(phase),
        **({"trial_end": phase["trial_end"]} if phase.get("trial_end") else {}),
    }


def _taxes(phase: Object) -> dict[str, Any]:
    """Whether Stripe computes taxes: what a phase does not say of itself, another one does not inherit."""
    found = phase.get("automatic_tax")
    return {"automatic_tax": {"enabled": found["enabled"]}} if found else {}


def _discounts(phase: Object) -> list[dict[str, str]]:
    """Each by one of its names: Stripe takes no more than one."""
    kinds = ("discount", "promotion_code", "coupon")
    named = [
        next(((kind, each[kind]) for kind in kinds if each.get(kind)), None) for each in phase.get("discounts") or ()
    ]
    return [{kind: id_of(value)} for kind, value in filter(None, named)]
