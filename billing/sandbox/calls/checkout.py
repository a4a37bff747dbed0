"""Checkout sessions by the API. Their page is in hosted/checkout.py."""

from __future__ import annotations

from billing.sandbox.calls import terms
from billing.sandbox.engine import baskets, changes, discounts, sessions
from billing.sandbox.engine.subscriptions import Wanted
from billing.sandbox.errors import Missing, Refused
from billing.sandbox.forms import Params
from billing.sandbox.http import reference, resource
from billing.sandbox.paging import created_in
from billing.sandbox.shapes import session as shapes
from billing.sandbox.store import Object, store

KIND = "checkout.session"
MODES = ("payment", "setup", "subscription")
TAKES = (
    "allow_promotion_codes automatic_tax billing_address_collection cancel_url client_reference_id currency customer "
    "customer_creation customer_email customer_update discounts expires_at invoice_creation line_items locale "
    "metadata mode payment_intent_data payment_method_collection payment_method_types submit_type subscription_data "
    "success_url tax_id_collection ui_mode"
)
HALF_HOUR, DAY = 1_800, 86_400


@resource("POST", "v1/checkout/sessions", takes=TAKES)
def create(params: Params) -> Object:
    mode = params.choice("mode", MODES) or ""
    if not mode:
        raise Missing("mode")
    _check(params, mode)
    data = store()
    items = [(terms.price_of(row), terms.quantity_of(row)) for row in params.rows("line_items")]
    _check_items(items, mode)
    id = f"cs_test_{data.new_id('x')[2:]}{data.new_id('x')[2:]}"
    session = shapes.checkout_session(
        id=id,
        created=data.now(),
        currency=items[0][0]["currency"] if items else params.text("currency"),
        expires_at=_expires_at(params),
        metadata=params.metadata(),
        mode=mode,
        success_url=params.required("success_url"),
        url=f"{data.base}/c/pay/{id}",
        **_buyer(params, mode),
        **_choices(params),
    )
    session |= _own(params, items, mode)
    baskets.sum_up(session)
    data.put(KIND, session)
    return session


def _check(params: Params, mode: str) -> None:
    params.choice("ui_mode", ["hosted_page"])
    if mode != "setup" and not params.rows("line_items"):
        raise Missing("line_items")
    if "customer" in params and "customer_email" in params:
        raise Refused("You may only specify one of these parameters: customer, customer_email.", param="customer_email")
    if "discounts" in params and params.flag("allow_promotion_codes"):
        raise Refused("You may only specify one of these parameters: allow_promotion_codes, discounts.")
    if mode != "subscription" and "subscription_data" in params:
        raise Refused("You can not pass `subscription_data` in this mode.", param="subscription_data")
    if mode == "subscription" and ("payment_intent_data" in params or "invoice_creation" in params):
        raise Refused("You can not pass `payment_intent_data` or `invoice_creation` in `subscription` mode.")


def _check_items(items: list[tuple[Object, int]], mode: str) -> None:
    recurring = [Wanted(price, quantity) for price, quantity in items if price["recurring"]]
    if mode == "payment" and recurring:
        raise Refused(
            "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use "
            "only one-time prices.",
            param="line_items",
        )
    if mode == "subscription":
        if not recurring:
            raise Refused("You must provide at least one recurring price in `subscription` mode.", param="line_items")
        changes.check_items(recurring)


def _expires_at(params: Params) -> int:
    now = store().now()
    at = params.integer("expires_at") or now + DAY
    # A minute of grace, since callers count half an hour from when they began to ask.
    if not now + HALF_HOUR - 60 <= at <= now + DAY + 60:
        raise Refused(
            "The `expires_at` timestamp must be between 30 minutes and 24 hours from now.", param="expires_at"
        )
    return at


def _buyer(params: Params, mode: str) -> Object:
    customer = reference("customer", params, "customer")
    usual = "always" if mode == "subscription" else "if_required"
    creation = None if customer else params.choice("customer_creation", ("always", "if_required"), usual)
    saves = params.mapping("payment_intent_data").text("setup_future_usage")
    return {
        "customer": customer["id"] if customer else None,
        "customer_creation": "always" if creation and saves else creation,
        "customer_email": params.text("customer_email"),
    }


def _choices(params: Params) -> Object:
    tax = params.mapping("automatic_tax").flag("enabled")
    found: Object = {
        "allow_promotion_codes": params.flag("allow_promotion_codes") if "allow_promotion_codes" in params else None,
        "automatic_tax": {
            "enabled": tax,
            "liability": {"type": "self"} if tax else None,
            "provider": "stripe" if tax else None,
            "status": "complete" if tax else None,
        },
        "payment_method_collection": params.choice("payment_method_collection", ("always", "if_required"), "always"),
    }
    params.write(found, "billing_address_collection cancel_url client_reference_id locale submit_type")
    if "invoice_creation" in params:
        found["invoice_creation"] = {"enabled": params.mapping("invoice_creation").flag("enabled"), "invoice_data": {}}
    return found


def _own(params: Params, items: list[tuple[Object, int]], mode: str) -> Object:
    """What the sandbox remembers beside Stripe's fields."""
    data = params.mapping("subscription_data")
    trial = terms.trial_end(data)
    payment = params.mapping("payment_intent_data")
    return {
        "_items": [{"id": store().new_id("li"), "price": price["id"], "quantity": count} for price, count in items],
        "_coupons": [[coupon["id"], code["id"] if code else None] for coupon, code in discounts.asked_for(params)],
        "_trial": {"days": data.integer("trial_period_days"), "end": trial},
        "_subscription": {"description": data.text("description"), "metadata": data.metadata()},
        "_invoice": params.mapping("invoice_creation").mapping("invoice_data").metadata(),
        "_payment": {
            "description": "Subscription creation" if mode == "subscription" else payment.text("description"),
            "metadata": payment.metadata(),
            "receipt_email": payment.text("receipt_email"),
            "setup_future_usage": "off_session" if mode == "subscription" else payment.text("setup_future_usage"),
        },
    }


@resource("GET", "v1/checkout/sessions", takes="created customer payment_intent status subscription")
def list_sessions(params: Params) -> list[Object]:
    names = ("customer", "payment_intent", "status", "subscription")
    return created_in(store().rows(KIND, **{name: params.text(name) for name in names}), params)


@resource("GET", "v1/checkout/sessions/<id>", takes="")
def retrieve(params: Params, id: str) -> Object:
    return store().get(KIND, id)


@resource("POST", "v1/checkout/sessions/<id>", takes="metadata")
def update(params: Params, id: str) -> Object:
    session = store().get(KIND, id)
    session["metadata"] = params.metadata(session["metadata"])
    return session


@resource("GET", "v1/checkout/sessions/<id>/line_items", takes="")
def line_items(params: Params, id: str) -> list[Object]:
    rows: list[Object] = baskets.line_items(store().get(KIND, id))["data"]
    return rows


@resource("POST", "v1/checkout/sessions/<id>/expire", takes="")
def expire(params: Params, id: str) -> Object:
    session = store().get(KIND, id)
    if session["status"] != "open":
        raise Refused(
            f"Only Checkout Sessions with a status of `open` can be expired; this one is {session['status']}."
        )
    sessions.expire(session)
    return session
