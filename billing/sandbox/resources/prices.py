"""Prices: so much for a unit, once or every so often. Tiers and metered prices are not played."""

from __future__ import annotations

from copy import deepcopy

from billing.sandbox.engine.news import telling
from billing.sandbox.errors import Missing, Refused
from billing.sandbox.events import emit
from billing.sandbox.expand import includes
from billing.sandbox.forms import Params
from billing.sandbox.http import needed, resource
from billing.sandbox.paging import created_in
from billing.sandbox.resources.products import new_product
from billing.sandbox.store import Object, store

INTERVALS = ("day", "week", "month", "year")
TAX_BEHAVIORS = ("exclusive", "inclusive", "unspecified")
MOST_LOOKUP_KEYS = 10


def new_price(params: Params) -> Object:
    """Make a price of the parameters of a call, or of the `price_data` of a line or an item."""
    data = store()
    currency = params.required("currency").lower()
    amount = params.integer("unit_amount")
    if amount is None:
        raise Missing(params.named("unit_amount"))
    recurring = _recurring(params.mapping("recurring")) if "recurring" in params else None
    price: Object = {
        "id": data.new_id("price"),
        "object": "price",
        "active": True,
        "billing_scheme": "per_unit",
        "created": data.now(),
        "currency": currency,
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": None,
        "metadata": {},
        "nickname": None,
        "product": _product(params),
        "recurring": recurring,
        "tax_behavior": "unspecified",
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "recurring" if recurring else "one_time",
        "unit_amount": amount,
        "unit_amount_decimal": str(amount),
    }
    _write(price, params)
    data.put("price", price)
    emit("price.created", price)
    return price


@resource(
    "POST",
    "v1/prices",
    takes="active billing_scheme currency lookup_key metadata nickname product product_data recurring tax_behavior "
    "transfer_lookup_key unit_amount",
)
def create(params: Params) -> Object:
    params.choice("billing_scheme", ["per_unit"])
    return new_price(params)


@resource("GET", "v1/prices", takes="active created currency lookup_keys product recurring type")
def list_prices(params: Params) -> list[Object]:
    rows = store().rows(
        "price",
        active=params.flag("active") if "active" in params else None,
        currency=params.text("currency"),
        product=params.text("product"),
        type=params.text("type"),
    )
    keys = params.texts("lookup_keys")
    if len(keys) > MOST_LOOKUP_KEYS:
        raise Refused(f"At most {MOST_LOOKUP_KEYS} lookup keys may be asked for.", param="lookup_keys")
    interval = params.mapping("recurring").text("interval")
    found = [row for row in created_in(rows, params) if not keys or row["lookup_key"] in keys]
    return [row for row in found if interval is None or (row["recurring"] or {}).get("interval") == interval]


@resource("GET", "v1/prices/<id>", takes="")
def retrieve(params: Params, id: str) -> Object:
    return store().get("price", id)


@resource("POST", "v1/prices/<id>", takes="active lookup_key metadata nickname tax_behavior transfer_lookup_key")
def update(params: Params, id: str) -> Object:
    with telling("price.updated", store().get("price", id)) as price:
        _write(price, params)
    _show_in_items(price)
    return price


@includes("price", "currency_options")
def currency_options(price: Object) -> Object:
    usual = ("custom_unit_amount", "tax_behavior", "unit_amount", "unit_amount_decimal")
    return {price["currency"]: {name: price[name] for name in usual}}


@includes("price", "tiers")
def tiers(price: Object) -> None:
    """None are played."""


def _show_in_items(price: Object) -> None:
    """A subscription's items show their price as it is now, marks and all."""
    for subscription in store().rows("subscription"):
        for item in subscription["items"]["data"]:
            if item["price"]["id"] == price["id"]:
                item["price"] = deepcopy(price)


def _write(price: Object, params: Params) -> None:
    behavior = params.choice("tax_behavior", TAX_BEHAVIORS, price["tax_behavior"])
    if price["tax_behavior"] != "unspecified" and behavior != price["tax_behavior"]:
        raise Refused("The tax behavior cannot be changed once it is set.", param="tax_behavior")
    key = params.text("lookup_key")
    if key and key != price["lookup_key"]:
        _take_key(key, transfer=params.flag("transfer_lookup_key"))
    price["tax_behavior"] = behavior
    price["active"] = params.flag("active", price["active"])
    params.write(price, "lookup_key nickname")
    price["metadata"] = params.metadata(price["metadata"])


def _take_key(key: str, *, transfer: bool) -> None:
    """A lookup key names one price; it moves on request only."""
    for holder in store().rows("price", lookup_key=key):
        if not transfer:
            raise Refused(f"A price (`{holder['id']}`) already uses that lookup key.", param="lookup_key")
        with telling("price.updated", holder):
            holder["lookup_key"] = None


def _recurring(params: Params) -> Object:
    params.required("interval")
    params.choice("usage_type", ["licensed"])
    return {
        "interval": params.choice("interval", INTERVALS),
        "interval_count": params.integer("interval_count", 1),
        "meter": None,
        "trial_period_days": params.integer("trial_period_days"),
        "usage_type": "licensed",
    }


def _product(params: Params) -> str:
    if "product_data" in params:
        return str(new_product(params.mapping("product_data"))["id"])
    return str(needed("product", params, "product")["id"])
