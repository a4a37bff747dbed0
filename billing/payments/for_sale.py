"""What is for sale at which price of Stripe's."""

from __future__ import annotations

from billing.models import AddOn, Plan, Subscription
from billing.terms import FREE, PLAN_NAMES
from moondev.lib.errors import Conflict, Invalid

MOST = 100
FOR_SALE = tuple(name for name in PLAN_NAMES if name != FREE)


def check_quantity(quantity: int, *, least: int = 1) -> int:
    """Raise Invalid at `/quantity` unless it is from `least` to 100."""
    if not least <= quantity <= MOST:
        raise Invalid.field("/quantity", f"Choose from {least} to {MOST}.")
    return quantity


def plan_for_sale(name: str, interval: str) -> tuple[Plan, str]:
    """A plan and its price by the month or the year. Raises Invalid at `/plan` or `/interval`, Conflict if not sold."""
    if interval not in Subscription.Interval.values:
        raise Invalid.field("/interval", f"Choose one of {', '.join(Subscription.Interval.values)}.")
    plan = Plan.objects.filter(name=name).first() if name in FOR_SALE else None
    if plan is None:
        raise Invalid.field("/plan", f"Choose one of {', '.join(FOR_SALE)}.")
    price = plan.sold_as(interval)
    if not price:
        raise Conflict(f"The {plan.title} plan is not sold by the {interval} at the moment.")
    return plan, price


def pack_for_sale(name: str) -> AddOn:
    """A pack that is paid once. Raises Invalid at `/add_on`, Conflict if it is not sold."""
    found = _add_on(name, is_recurring=False)
    if not (found.is_on_sale and found.price_id):
        raise Conflict(f"“{found.title}” is not sold at the moment.")
    return found


def recurring_pack(name: str) -> AddOn:
    """A pack that is billed with the plan, sold still or not. Raises Invalid at `/add_on`."""
    return _add_on(name, is_recurring=True)


def price_of(add_on: AddOn, interval: str) -> str:
    """The price of a recurring pack beside a plan by the month or the year. Raises Conflict if it is not sold."""
    price = add_on.price_id_year if interval == Subscription.Interval.YEAR else add_on.price_id
    if not price:
        raise Conflict(f"“{add_on.title}” is not sold with a plan by the {interval} at the moment.")
    return price


def _add_on(name: str, *, is_recurring: bool) -> AddOn:
    found = AddOn.objects.filter(name=name, is_recurring=is_recurring).first()
    if found is None:
        how = "billed with the plan" if is_recurring else "paid once"
        raise Invalid.field("/add_on", f"There is no such pack that is {how}.")
    return found
