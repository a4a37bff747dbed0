"""A subscription in our words, read from Stripe's object of the pinned API version. Asks nobody.

There the end of the period is on the item and not on the subscription, and `cancel_at` stands beside
`cancel_at_period_end`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from billing.models import Subscription
from billing.payments.prices import PriceList
from billing.terms import FREE

Object = Mapping[str, Any]
# What to expand on a subscription for `read`: the coupons, and the products that each of them is for.
COUPONS = "discounts.source.coupon"
DISCOUNTS = f"{COUPONS}.applies_to"
MONTHS = {"month": Fraction(1), "year": Fraction(12), "week": Fraction(12, 52), "day": Fraction(12, 365)}
WHOLE_PERIODS = ("subscription_create", "subscription_cycle")


@dataclass(frozen=True, slots=True)
class Reading:
    """`values` are fields of our row, `packs` how many of each add-on, `unknown` prices that sell nothing of ours."""

    id: str
    values: dict[str, Any]
    packs: dict[str, int]
    unknown: tuple[str, ...]
    metadata: dict[str, str] = field(default_factory=dict)

    @property
    def is_known(self) -> bool:
        """Whether it is clear what is paid for. Without a plan, a price that we do not know may be meant to be one."""
        return bool(self.values["plan_id"]) or not self.unknown


def read(found: Object, prices: PriceList) -> Reading:
    """What a subscription's object says. `DISCOUNTS` are expanded; its schedule, if it is, with its phases' prices."""
    items = [item for item in found["items"]["data"] if quantity_of(item)]
    plan, plan_items = _plan(items, prices)
    packs: dict[str, int] = {}
    for item in items:
        if name := prices.add_on_of(item["price"]):
            packs[name] = packs.get(name, 0) + quantity_of(item)
    sold = [item for item in items if prices.plan_of(item["price"]) or prices.add_on_of(item["price"])]
    unknown = tuple(item["price"]["id"] for item in items if item not in sold)
    values = _facts(found, items) | _bought(plan, plan_items, items) | _next(found, plan, plan_items, prices)
    values["monthly_cents"] = monthly_cents(items, found["discounts"])
    return Reading(found["id"], values, packs, unknown, dict(found.get("metadata") or {}))


def moment(seconds: int | None) -> datetime | None:
    """Stripe's epoch seconds as a moment."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def quantity_of(item: Object) -> int:
    """How many of its price; a metered item has no number and counts as one."""
    given = item.get("quantity")
    return 1 if given is None else int(given)


def interval_of(price: Object) -> str:
    """month or year; empty for any other rhythm."""
    recurring = price.get("recurring") or {}
    name = str(recurring.get("interval", ""))
    return name if name in Subscription.Interval.values and recurring.get("interval_count") == 1 else ""


def monthly_cents(items: Sequence[Object], discounts: Iterable[Object] = ()) -> int:
    """What the items bring by the month without taxes, after the discounts that go on; one for a single invoice ends.

    `discounts` are the subscription's, one after the other, expanded as `DISCOUNTS` says.
    """
    costs = [_by_month(item) for item in items]
    for coupon in (discount["source"]["coupon"] for discount in discounts):
        if coupon["duration"] != "once":
            share = _share_off(coupon, items, costs)
            costs = [
                cost * (1 - share) if _is_for(coupon, item) else cost for item, cost in zip(items, costs, strict=True)
            ]
    return round(sum(costs, Fraction(0)))


def _by_month(item: Object) -> Fraction:
    return Fraction(int(item["price"].get("unit_amount") or 0) * quantity_of(item)) / _months(item)


def _months(item: Object) -> Fraction:
    """How long an item's period is."""
    recurring = item["price"].get("recurring") or {"interval": "month", "interval_count": 1}
    return Fraction(MONTHS[recurring["interval"]] * recurring["interval_count"])


def _share_off(coupon: Object, items: Sequence[Object], costs: Sequence[Fraction]) -> Fraction:
    """Which part of what it is for a coupon takes off; a fixed amount is off each invoice, and never more than all."""
    if coupon["percent_off"] is not None:
        return Fraction(str(coupon["percent_off"])) / 100
    whole = sum(cost for item, cost in zip(items, costs, strict=True) if _is_for(coupon, item))
    # All items of a subscription have one rhythm.
    return min(Fraction(1), coupon["amount_off"] / _months(items[0]) / whole) if whole else Fraction(0)


def _is_for(coupon: Object, item: Object) -> bool:
    products = (coupon.get("applies_to") or {}).get("products")
    return not products or id_of(item["price"]["product"]) in products


def subscription_of_invoice(invoice: Object) -> str:
    """The subscription that an invoice is for, which it tells under `parent`; empty for one that is for none."""
    details = (invoice.get("parent") or {}).get("subscription_details") or {}
    return id_of(details["subscription"]) if details.get("subscription") else ""


def begins_period(invoice: Object) -> bool:
    """Whether an invoice is for a whole period. One for an upgrade or for packs is for the rest of a running period."""
    return invoice["billing_reason"] in WHOLE_PERIODS or any(_is_whole(line) for line in invoice["lines"]["data"])


def _is_whole(line: Object) -> bool:
    """Whether a line is an item's full price, as of a month's plan that was changed for a year's."""
    item = (line["parent"] or {}).get("subscription_item_details")
    return item is not None and not item["proration"] and line["amount"] > 0


def _plan(items: list[Any], prices: PriceList) -> tuple[str | None, list[Any]]:
    """The strongest plan among the items, and the items that sell it."""
    named = [(prices.plan_of(item["price"]), item) for item in items]
    found = [name for name, _ in named if name and name != FREE]
    if not found:
        return None, []
    best = max(found, key=lambda name: prices.ranks[name])
    return best, [item for name, item in named if name == best]


def _facts(found: Object, items: list[Any]) -> dict[str, Any]:
    ends = [item["current_period_end"] for item in items if item.get("current_period_end")]
    period_end = max(ends, default=None)
    cancels_at = found.get("cancel_at") or (period_end if found.get("cancel_at_period_end") else None)
    return {
        "customer_id": id_of(found["customer"]),
        "status": found["status"],
        "livemode": found["livemode"],
        "started_at": moment(found["start_date"]),
        "current_period_end": moment(period_end),
        "trial_ends_at": moment(found.get("trial_end")),
        "cancels_at": None if found.get("ended_at") else moment(cancels_at),
        "ended_at": moment(found.get("ended_at")),
    }


def _bought(plan: str | None, plan_items: list[Any], items: list[Any]) -> dict[str, Any]:
    # Without a plan the first price is shown, so that staff see what is paid.
    price: Object = next((item["price"] for item in [*plan_items, *items]), {})
    return {
        "plan_id": plan,
        "interval": interval_of(price),
        "price_id": price.get("id", ""),
        "quantity": sum(quantity_of(item) for item in plan_items) or 1,
    }


def _next(found: Object, plan: str | None, plan_items: list[Any], prices: PriceList) -> dict[str, Any]:
    """The first later phase of the schedule that sells another plan or interval than now."""
    now = (plan, next((interval_of(item["price"]) for item in plan_items), ""))
    for start, items in _later_phases(found):
        name, sold = _plan(items, prices)
        then = (name, next((interval_of(item["price"]) for item in sold), ""))
        if name and then != now:
            return {"next_plan_id": name, "next_interval": then[1], "next_at": moment(start)}
    return {"next_plan_id": None, "next_interval": "", "next_at": None}


def _later_phases(found: Object) -> list[tuple[int, list[Any]]]:
    """Start and items of the phases to come, in order. A schedule that is over or let go has none."""
    schedule = found.get("schedule")
    if not isinstance(schedule, Mapping) or schedule["status"] not in ("active", "not_started"):
        return []
    current_end = (schedule.get("current_phase") or {}).get("end_date") or 0
    phases = [phase for phase in schedule["phases"] if phase["start_date"] >= current_end]
    return [(phase["start_date"], [_with_price(item) for item in phase["items"]]) for phase in phases]


def _with_price(item: Object) -> dict[str, Any]:
    """A phase's item; a price that was not expanded is known by its id alone."""
    price = item["price"]
    return {**item, "price": {"id": price} if isinstance(price, str) else price}


def id_of(reference: str | Object) -> str:
    """The id of another object, expanded or not."""
    return reference if isinstance(reference, str) else str(reference["id"])
