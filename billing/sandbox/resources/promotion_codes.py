"""Promotion codes: the words by which buyers name a coupon."""

from __future__ import annotations

import secrets
import string

from billing.sandbox.engine.news import telling
from billing.sandbox.errors import Refused
from billing.sandbox.events import emit
from billing.sandbox.forms import Params
from billing.sandbox.http import needed, reference, resource
from billing.sandbox.paging import created_in
from billing.sandbox.resources.coupons import check_usable
from billing.sandbox.store import Object, store


def find_code(text: str) -> Object | None:
    """The active code that a buyer typed; case does not matter."""
    codes = store().rows("promotion_code", active=True)
    return next((code for code in codes if code["code"].upper() == text.strip().upper()), None)


def check_code(code: Object, *, customer: str | None, amount: int, currency: str, is_first: bool) -> None:
    """Whether this buyer may use a code for this amount (cents, before discounts). Raises Refused."""
    limits = code["restrictions"]
    least = limits["minimum_amount"]
    reasons = [
        (not code["active"], "This promotion code is no longer active."),
        (code["customer"] not in (None, customer), "This promotion code is for somebody else."),
        (limits["first_time_transaction"] and not is_first, "This promotion code is for a first purchase."),
        (
            least is not None and (amount < least or limits["minimum_amount_currency"] != currency),
            "The amount is too small for this promotion code.",
        ),
    ]
    for is_wrong, reason in reasons:
        if is_wrong:
            raise Refused(reason, param="promotion_code")
    check_usable(store().get("coupon", code["promotion"]["coupon"]), "promotion_code")


@resource(
    "POST",
    "v1/promotion_codes",
    takes="active code customer expires_at max_redemptions metadata promotion restrictions",
)
def create(params: Params) -> Object:
    data = store()
    coupon = _coupon(params.mapping("promotion"))
    customer = reference("customer", params, "customer")
    text = params.text("code") or "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(8))
    if find_code(text):
        raise Refused("An active promotion code with that code already exists.", param="code")
    code: Object = {
        "id": data.new_id("promo"),
        "object": "promotion_code",
        "active": params.flag("active", True),
        "code": text,
        "created": data.now(),
        "customer": customer and customer["id"],
        "customer_account": None,
        "expires_at": params.integer("expires_at"),
        "livemode": False,
        "max_redemptions": params.integer("max_redemptions"),
        "metadata": params.metadata(),
        "promotion": {"coupon": coupon["id"], "type": "coupon"},
        "restrictions": _restrictions(params.mapping("restrictions")),
        "times_redeemed": 0,
    }
    data.put("promotion_code", code)
    emit("promotion_code.created", code)
    return code


@resource("GET", "v1/promotion_codes", takes="active code coupon created customer")
def list_codes(params: Params) -> list[Object]:
    rows = store().rows(
        "promotion_code",
        active=params.flag("active") if "active" in params else None,
        customer=params.text("customer"),
    )
    text, coupon = params.text("code"), params.text("coupon")
    rows = [row for row in rows if text is None or row["code"].upper() == text.upper()]
    return created_in([row for row in rows if coupon in (None, row["promotion"]["coupon"])], params)


@resource("GET", "v1/promotion_codes/<id>", takes="")
def retrieve(params: Params, id: str) -> Object:
    return store().get("promotion_code", id)


@resource("POST", "v1/promotion_codes/<id>", takes="active metadata")
def update(params: Params, id: str) -> Object:
    code = store().get("promotion_code", id)
    active = params.flag("active", code["active"])
    if active and not code["active"]:
        check_usable(store().get("coupon", code["promotion"]["coupon"]), "active")
    with telling("promotion_code.updated", code):
        code["active"] = active
        code["metadata"] = params.metadata(code["metadata"])
    return code


def _coupon(promotion: Params) -> Object:
    promotion.choice("type", ["coupon"], "coupon")
    coupon = needed("coupon", promotion, "coupon")
    check_usable(coupon, promotion.named("coupon"))
    return coupon


def _restrictions(limits: Params) -> Object:
    return {
        "first_time_transaction": limits.flag("first_time_transaction"),
        "minimum_amount": limits.integer("minimum_amount"),
        "minimum_amount_currency": limits.text("minimum_amount_currency"),
    }
