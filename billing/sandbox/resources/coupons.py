"""Coupons: so much off, for so long."""

from __future__ import annotations

import secrets
import string
from collections.abc import Iterator
from functools import partial

from billing.sandbox import clock
from billing.sandbox.engine.news import telling
from billing.sandbox.errors import Missing, NoSuch, Refused
from billing.sandbox.events import emit
from billing.sandbox.expand import includes
from billing.sandbox.forms import Params
from billing.sandbox.http import resource
from billing.sandbox.paging import created_in
from billing.sandbox.store import Object, store

DURATIONS = ("forever", "once", "repeating")


@resource(
    "POST",
    "v1/coupons",
    takes="amount_off applies_to currency duration duration_in_months id max_redemptions metadata name percent_off "
    "redeem_by",
)
def create(params: Params) -> Object:
    data = store()
    id = params.text("id") or "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(8))
    if data.find(id):
        raise Refused("Coupon already exists.", code="resource_already_exists", param="id")
    coupon: Object = {
        "id": id,
        "object": "coupon",
        **_worth(params),
        "created": data.now(),
        **_duration(params),
        "livemode": False,
        "max_redemptions": params.integer("max_redemptions"),
        "metadata": params.metadata(),
        "name": params.text("name"),
        "redeem_by": params.integer("redeem_by"),
        "times_redeemed": 0,
        "valid": True,
    }
    products = params.mapping("applies_to").texts("products")
    if products:
        coupon["_applies_to"] = {"products": products}
    data.put("coupon", coupon)
    emit("coupon.created", coupon)
    return coupon


@resource("GET", "v1/coupons", takes="created")
def list_coupons(params: Params) -> list[Object]:
    return created_in([row for row in store().rows("coupon") if not row.get("_is_deleted")], params)


@resource("GET", "v1/coupons/<id>", takes="")
def retrieve(params: Params, id: str) -> Object:
    return _offered(id)


@resource("POST", "v1/coupons/<id>", takes="metadata name")
def update(params: Params, id: str) -> Object:
    with telling("coupon.updated", _offered(id)) as coupon:
        params.write(coupon, "name")
        coupon["metadata"] = params.metadata(coupon["metadata"])
    return coupon


@resource("DELETE", "v1/coupons/<id>", takes="")
def delete(params: Params, id: str) -> Object:
    """Whoever has it keeps it, so the object stays for the discounts that name it."""
    coupon = _offered(id)
    coupon |= {"valid": False, "_is_deleted": True}
    emit("coupon.deleted", coupon)
    return {"id": id, "object": "coupon", "deleted": True}


@includes("coupon", "applies_to")
def applies_to(coupon: Object) -> Object | None:
    """What it is for, which is told on request alone; a coupon without the field is for everything."""
    found: Object | None = coupon.get("_applies_to")
    return found


def check_usable(coupon: Object, param: str = "coupon") -> None:
    """Raises NoSuch for a deleted coupon, Refused for one that is used up or past its time."""
    if coupon.get("_is_deleted"):
        raise NoSuch("coupon", coupon["id"], param)
    if not coupon["valid"]:
        raise Refused(f"Coupon {coupon['id']} is expired.", code="coupon_expired", param=param)


def redeem(coupon: Object, code: Object | None = None) -> None:
    """Count one use; the last one ends the coupon, and its codes with it."""
    for each in [coupon, *([code] if code else [])]:
        each["times_redeemed"] += 1
        if each["max_redemptions"] is not None and each["times_redeemed"] >= each["max_redemptions"]:
            end(each)


def end(coupon_or_code: Object) -> None:
    """No longer to be used."""
    if coupon_or_code["object"] == "promotion_code":
        with telling("promotion_code.updated", coupon_or_code):
            coupon_or_code["active"] = False
        return
    with telling("coupon.updated", coupon_or_code):
        coupon_or_code["valid"] = False
    for code in store().rows("promotion_code", active=True):
        if code["promotion"]["coupon"] == coupon_or_code["id"]:
            end(code)


@clock.due
def expiries() -> Iterator[clock.Work]:
    for coupon in store().rows("coupon", valid=True):
        if coupon["redeem_by"] is not None:
            yield coupon["redeem_by"], partial(end, coupon)
    for code in store().rows("promotion_code", active=True):
        if code["expires_at"] is not None:
            yield code["expires_at"], partial(end, code)


def _offered(id: str) -> Object:
    coupon = store().get("coupon", id)
    if coupon.get("_is_deleted"):
        raise NoSuch("coupon", id)
    return coupon


def _worth(params: Params) -> Object:
    off = params.text("percent_off")
    amount = params.integer("amount_off")
    if (off is None) == (amount is None):
        raise Refused("You must pass one of percent_off and amount_off.", code="parameter_missing", param="percent_off")
    if off is None:
        return {"amount_off": amount, "currency": params.required("currency").lower(), "percent_off": None}
    try:
        percent = float(off)
    except ValueError:
        percent = 0
    if not 0 < percent <= 100:
        raise Refused("Invalid percent_off: must be above 0 and at most 100", param="percent_off")
    return {"amount_off": None, "currency": None, "percent_off": percent}


def _duration(params: Params) -> Object:
    duration = params.choice("duration", DURATIONS, "once")
    months = params.integer("duration_in_months")
    if duration == "repeating" and months is None:
        raise Missing("duration_in_months")
    return {"duration": duration, "duration_in_months": months if duration == "repeating" else None}
