"""Coupons in use: how they come onto a subscription, and when they are used up."""

from __future__ import annotations

from collections.abc import Sequence

from billing.sandbox.engine import totals
from billing.sandbox.engine.periods import later
from billing.sandbox.errors import Refused
from billing.sandbox.forms import Params
from billing.sandbox.resources import coupons
from billing.sandbox.resources.coupons import check_usable
from billing.sandbox.shapes.discount import discount
from billing.sandbox.store import Object, store


def asked_for(params: Params, name: str = "discounts") -> list[tuple[Object, Object | None]]:
    """The new coupons and promotion codes of a `discounts` parameter. Raises Refused and NoSuch."""
    found: list[tuple[Object, Object | None]] = []
    for row in params.rows(name):
        code = None
        if row.text("promotion_code"):
            code = store().get("promotion_code", row.required("promotion_code"), row.named("promotion_code"))
            coupon = store().get("coupon", code["promotion"]["coupon"])
        elif "discount" in row:
            store().get("discount", row.required("discount"), row.named("discount"))
            continue
        else:
            coupon = store().get("coupon", row.required("coupon"), row.named("coupon"))
        check_usable(coupon, row.named("coupon"))
        if code and not code["active"]:
            raise Refused(
                "This promotion code is no longer active.", code="coupon_expired", param=row.named("promotion_code")
            )
        found.append((coupon, code))
    return found


def redeem(coupon: Object, code: Object | None, *, customer: str, **where: str) -> str:
    """Put a coupon on a subscription (`subscription=`), an invoice or a session; returns the discount's id."""
    data = store()
    coupons.redeem(coupon, code)
    end = later(data.now(), coupon["duration_in_months"]) if coupon["duration"] == "repeating" else None
    row = discount(
        coupon["id"],
        id=data.new_id("di"),
        customer=customer,
        start=data.now(),
        end=end,
        promotion_code=code["id"] if code else None,
        **where,
    )
    data.put("discount", row)
    return str(row["id"])


def coupons_of(ids: Sequence[str]) -> list[tuple[str, Object]]:
    """The coupons behind discounts."""
    data = store()
    return [(id, data.get("coupon", data.get("discount", id)["source"]["coupon"])) for id in ids]


def live(subscription: Object) -> list[str]:
    """The discounts of a subscription that count now; ended ones are dropped."""
    now = store().now()
    subscription["discounts"] = [id for id in subscription["discounts"] if _counts(id, now)]
    return list(subscription["discounts"])


def spend(subscription: Object) -> None:
    """Drop those that were for one invoice, which has been written."""
    found = coupons_of(subscription["discounts"])
    subscription["discounts"] = [id for id, coupon in found if coupon["duration"] != "once"]


def less(amount: int, price: Object, subscription: Object) -> int:
    """An amount of a proration after the percentages that its subscription has off."""
    for _, coupon in coupons_of(live(subscription)):
        if coupon["percent_off"] is not None and coupon["duration"] != "once":
            line = {
                "amount": amount,
                "discountable": True,
                "discount_amounts": [],
                "pricing": {"price_details": {"product": price["product"]}},
            }
            amount -= totals.shares(coupon, [line])[0]
    return amount


def _counts(id: str, now: int) -> bool:
    end = store().get("discount", id)["end"]
    return end is None or end > now
