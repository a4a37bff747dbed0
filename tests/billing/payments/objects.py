"""Stripe's objects as far as they are read, for tests of the pure parts."""

from __future__ import annotations

from typing import Any

NOW = 1_800_000_000
DAY = 86_400
Object = dict[str, Any]


def price(id: str = "price_pro", *, cents: int | None = 4900, interval: str = "month", **values: Any) -> Object:
    recurring = {"interval": interval, "interval_count": values.pop("interval_count", 1), "usage_type": "licensed"}
    row = {"id": id, "object": "price", "product": f"prod_{id}", "unit_amount": cents, "recurring": recurring}
    return {**row, "metadata": {}, **values}


def item(sold: Object | None = None, quantity: int | None = 1, *, ends: int = NOW + 30 * DAY) -> Object:
    return {"id": "si_1", "price": sold or price(), "quantity": quantity, "current_period_end": ends}


def subscription(*items: Object, **values: Any) -> Object:
    return {
        "id": "sub_1",
        "object": "subscription",
        "customer": "cus_1",
        "status": "active",
        "livemode": False,
        "start_date": NOW,
        "trial_end": None,
        "cancel_at": None,
        "cancel_at_period_end": False,
        "ended_at": None,
        "schedule": None,
        "latest_invoice": None,
        "metadata": {},
        "discounts": [],
        "items": {"object": "list", "has_more": False, "data": list(items) or [item()]},
        **values,
    }


def discount(
    duration: str = "forever", *, percent: float | None = None, cents: int | None = None, **values: Any
) -> Object:
    """A coupon in use, expanded."""
    coupon = {"duration": duration, "percent_off": percent, "amount_off": cents, **values}
    return {"id": "di_1", "object": "discount", "source": {"type": "coupon", "coupon": coupon}}


def schedule(*phases: tuple[int, Object], status: str = "active", current_end: int = NOW + 30 * DAY) -> Object:
    """A schedule whose phases begin at these moments with one item of this price each."""
    rows = [{"start_date": start, "items": [{"price": sold, "quantity": 1}]} for start, sold in phases]
    return {"id": "sub_sched_1", "status": status, "current_phase": {"end_date": current_end}, "phases": rows}
