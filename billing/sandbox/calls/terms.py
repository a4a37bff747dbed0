"""What a call says of a subscription, read into what the engine works with."""

from __future__ import annotations

from collections.abc import Callable

from billing.sandbox.engine import changes, discounts, lines, subscriptions
from billing.sandbox.engine.subscriptions import Wanted
from billing.sandbox.errors import Refused
from billing.sandbox.forms import Params
from billing.sandbox.http import needed
from billing.sandbox.resources import payment_methods
from billing.sandbox.resources.prices import new_price
from billing.sandbox.shapes.subscription import cancellation as details_of
from billing.sandbox.store import Object, store

DAY = 86_400
PERIOD_ENDS = ("min_period_end", "max_period_end")
MISSING_METHOD = ("cancel", "create_invoice", "pause")


def price_of(params: Params) -> Object:
    """The price that an item or a line names, or makes. Raises Missing, NoSuch and Refused."""
    if "price_data" in params:
        return new_price(params.mapping("price_data"))
    price = needed("price", params, "price")
    if not price["active"]:
        raise Refused(f"The price specified is inactive: {price['id']}.", param=params.named("price"))
    return price


def quantity_of(params: Params, usual: int = 1) -> int:
    quantity = params.integer("quantity", usual)
    if quantity is None or quantity < 0:
        raise Refused("Invalid non-negative integer", param=params.named("quantity"))
    return quantity


def wanted(params: Params) -> Wanted:
    """A new item."""
    return Wanted(price_of(params), quantity_of(params), params.metadata())


def as_is(item: Object) -> Wanted:
    """An item that stays."""
    return Wanted(item["price"], item["quantity"], item["metadata"], item["id"])


def once(params: Params) -> Object:
    """A line that is paid once, beside a subscription's items."""
    return lines.once(price_of(params), quantity_of(params))


def first_fields(params: Params, customer: Object) -> Object:
    """The fields of a new subscription as the call has them."""
    method = params.text("default_payment_method")
    settings = params.mapping("trial_settings").mapping("end_behavior")
    missing = settings.choice("missing_payment_method", MISSING_METHOD, "create_invoice")
    return {
        "automatic_tax": automatic_tax(params),
        "collection_method": params.choice("collection_method", ["charge_automatically"], "charge_automatically"),
        "default_payment_method": _saved(params, customer)["id"] if method else None,
        "description": params.text("description"),
        "metadata": params.metadata(),
        "trial_settings": {"end_behavior": {"missing_payment_method": missing}},
    }


def _saved(params: Params, customer: Object) -> Object:
    name = "default_payment_method"
    return payment_methods.saved(customer, params.required(name), params.named(name))


def automatic_tax(params: Params) -> Object:
    enabled = params.mapping("automatic_tax").flag("enabled")
    return {"disabled_reason": None, "enabled": enabled, "liability": {"type": "self"} if enabled else None}


def trial_end(params: Params) -> int | None:
    """When a trial would end that begins now."""
    days = params.integer("trial_period_days")
    if days:
        return store().now() + days * DAY
    if params.text("trial_end") in (None, "now"):
        return None
    end = params.integer("trial_end")
    if end is not None and end <= store().now():
        raise Refused("Invalid timestamp: must be an integer Unix timestamp in the future.", param="trial_end")
    return end


def cancellation(params: Params) -> Object | None:
    """What the call says about the end: {"at_period_end"} or {"at"}; None when it says nothing."""
    if "cancel_at" in params and params.text("cancel_at"):
        if params.flag("cancel_at_period_end"):
            raise Refused("You may only specify one of these parameters: cancel_at, cancel_at_period_end.")
        return {"at": _end(params)}
    if "cancel_at" in params:
        return {"at": None}
    return {"at_period_end": params.flag("cancel_at_period_end")} if "cancel_at_period_end" in params else None


def _end(params: Params) -> int | str | None:
    if params.text("cancel_at") in PERIOD_ENDS:
        return "period_end"
    at = params.integer("cancel_at")
    if at is not None and at <= store().now():
        raise Refused("The cancel_at must be in the future.", param="cancel_at")
    return at


def set_cancellation(subscription: Object, given: Object) -> None:
    """Write when it is to end, or that it is not."""
    if given.get("at_period_end") is False and not subscription["cancel_at_period_end"]:
        # As at Stripe: this takes back the end of a period, not a date, which the customer portal sets.
        return
    at = given.get("at")
    if at == "period_end" or given.get("at_period_end"):
        at = subscriptions.period(subscription)[1]
    subscription["cancel_at_period_end"] = bool(given.get("at_period_end"))
    subscription["cancel_at"] = at
    subscription["canceled_at"] = store().now() if at else None
    subscription["cancellation_details"] = details_of("cancellation_requested" if at else None)


def check_schedule(subscription: Object, params: Params) -> None:
    """Raises Refused for an end that a schedule has the say in."""
    if subscription["schedule"] and ("cancel_at" in params or "cancel_at_period_end" in params):
        raise Refused(
            f"The subscription is managed by the subscription schedule `{subscription['schedule']}`, and updating any "
            "cancelation behavior directly is not allowed. Please update the schedule instead."
        )


def change(subscription: Object, params: Params) -> changes.Change | None:
    """The change of items, cycle or trial that a call asks for; None when it asks for none."""
    names = ("items", "billing_cycle_anchor", "trial_end", "add_invoice_items")
    if not any(name in params for name in names):
        return None
    found = changes.Change(
        items(subscription, params.rows("items")),
        behavior=params.choice("proration_behavior", changes.BEHAVIORS) or "create_prorations",
        at=params.integer("proration_date"),
        resets=params.choice("billing_cycle_anchor", ["now", "unchanged"]) == "now",
        trial_end=_new_trial_end(params),
        extra=[once(row) for row in params.rows("add_invoice_items")],
    )
    changes.check(subscription, found)
    return found


def _new_trial_end(params: Params) -> int | None:
    if params.text("trial_end") == "now":
        return store().now()
    return trial_end(params)


def items(subscription: Object, rows: list[Params]) -> list[Wanted]:
    """All items of a subscription after these rows were written: changed by id, deleted, or new."""
    held = {item["id"]: item for item in subscriptions.items_of(subscription)}
    kept = {id: as_is(item) for id, item in held.items()}
    new: list[Wanted] = []
    for row in rows:
        id = row.text("id")
        if id is None:
            new.append(wanted(row))
        elif id not in held:
            raise Refused(f"No such subscription item: '{id}'", code="resource_missing", param=row.named("id"))
        elif row.flag("deleted"):
            del kept[id]
        else:
            kept[id] = item_change(held[id], row)
    return [*kept.values(), *new]


def item_change(item: Object, row: Params) -> Wanted:
    """An item with what a row says of it."""
    names_price = "price" in row or "price_data" in row
    price = price_of(row) if names_price else item["price"]
    return Wanted(price, quantity_of(row, item["quantity"]), row.metadata(item["metadata"]), item["id"])


def writer(subscription: Object, params: Params) -> Callable[[Object], None]:
    """Check what a call says beside items; the answer writes it, into a copy as well."""
    customer = store().get("customer", subscription["customer"])
    method = _saved(params, customer)["id"] if params.text("default_payment_method") else None
    end = cancellation(params)
    coupons = discounts.asked_for(params)
    kept = [row.required("discount") for row in params.rows("discounts") if "discount" in row]

    def write(target: Object) -> None:
        if "default_payment_method" in params:
            target["default_payment_method"] = method
        if "automatic_tax" in params:
            target["automatic_tax"] = automatic_tax(params)
        if "discounts" in params:
            made = [discounts.redeem(*pair, customer=customer["id"], subscription=target["id"]) for pair in coupons]
            target["discounts"] = kept + made
        params.write(target, "description")
        target["metadata"] = params.metadata(target["metadata"])
        if end:
            set_cancellation(target, end)
        _write_details(target, params.mapping("cancellation_details"))

    return write


def _write_details(target: Object, given: Params) -> None:
    details = dict(target["cancellation_details"])
    given.write(details, "comment feedback")
    target["cancellation_details"] = details
