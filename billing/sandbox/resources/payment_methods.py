"""Payment methods: cards, made of a number on a hosted page or of one of Stripe's test tokens by the API."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

from billing.sandbox.engine import cards, payments
from billing.sandbox.engine.news import telling
from billing.sandbox.errors import Declined, Refused
from billing.sandbox.events import emit
from billing.sandbox.forms import Params
from billing.sandbox.http import needed, reference, resource
from billing.sandbox.store import Object, store

TOKENS = {
    "pm_card_visa": cards.PAYS,
    "pm_card_mastercard": "5555555555554444",
    "pm_card_chargeCustomerFail": cards.FAILS_LATER,
    "pm_card_visa_chargeDeclined": cards.DECLINES,
    "pm_card_chargeDeclined": cards.DECLINES,
    "pm_card_visa_chargeDeclinedInsufficientFunds": cards.HAS_NO_FUNDS,
    "pm_card_chargeDeclinedInsufficientFunds": cards.HAS_NO_FUNDS,
    "pm_card_authenticationRequiredOnSetup": cards.ASKS,
    "pm_card_authenticationRequired": cards.ASKS_ALWAYS,
    "pm_card_createDispute": cards.IS_DISPUTED,
}
NUMBERS = frozenset(TOKENS.values())
BRANDS = {"4": "visa", "5": "mastercard"}
BILLING = ("email", "name", "phone", "tax_id")


def card_of(number: str, *, billing: Object | None = None) -> Object:
    """A payment method with this card; spaces do not matter. Raises Declined for a number that is no test card."""
    digits = "".join(number.split())
    if digits not in NUMBERS:
        raise Declined("Your card number is incorrect. The sandbox knows test cards only.", code="incorrect_number")
    data = store()
    method: Object = {
        "id": data.new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": {"address": _address(), **dict.fromkeys(BILLING), **(billing or {})},
        "card": _card(digits),
        "created": data.now(),
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
        "type": "card",
    }
    return data.put("payment_method", method)


def method_of(params: Params, name: str) -> Object | None:
    """The payment method that a parameter names; a test token makes a new one."""
    id = params.text(name)
    if id in TOKENS:
        return card_of(TOKENS[id])
    return reference("payment_method", params, name)


def saved(customer: Object, id: str, param: str) -> Object:
    """A payment method that the customer has. Raises NoSuch and Refused."""
    method = store().get("payment_method", id, param)
    if method["customer"] != customer["id"]:
        raise Refused(
            f"The customer does not have a payment method with the ID {id}. "
            "The payment method must be attached to the customer.",
            code="resource_missing",
            param=param,
        )
    return method


def attach_to(method: Object, customer: Object) -> None:
    """Save a payment method with a customer. Raises Refused and Declined."""
    if method["customer"] not in (None, customer["id"]):
        raise Refused("The payment method you provided has already been attached to a customer.")
    cards.refuse_dead(method)
    payments.attach(method, customer)


@resource("POST", "v1/payment_methods", takes="type card billing_details metadata allow_redisplay")
def create(params: Params) -> Object:
    params.choice("type", ["card"], "card")
    card = params.mapping("card")
    number = TOKENS.get(_token(card.text("token"))) or card.required("number")
    given = params.mapping("billing_details")
    method = card_of(number, billing={name: given.text(name) for name in BILLING if name in given})
    method["metadata"] = params.metadata()
    return method


@resource("GET", "v1/payment_methods", takes="customer type allow_redisplay")
def list_methods(params: Params) -> list[Object]:
    customer = needed("customer", params, "customer")
    return store().rows("payment_method", customer=customer["id"], type=params.text("type"))


@resource("GET", "v1/payment_methods/<id>", takes="")
def retrieve(params: Params, id: str) -> Object:
    return card_of(TOKENS[id]) if id in TOKENS else store().get("payment_method", id)


@resource("POST", "v1/payment_methods/<id>", takes="billing_details card metadata allow_redisplay")
def update(params: Params, id: str) -> Object:
    with telling("payment_method.updated", store().get("payment_method", id)) as method:
        given = params.mapping("billing_details")
        written = {name: given.text(name) for name in BILLING if name in given}
        method["billing_details"] = method["billing_details"] | written
        method["metadata"] = params.metadata(method["metadata"])
    return method


@resource("POST", "v1/payment_methods/<id>/attach", takes="customer")
def attach(params: Params, id: str) -> Object:
    customer = needed("customer", params, "customer")
    method = card_of(TOKENS[id]) if id in TOKENS else store().get("payment_method", id)
    attach_to(method, customer)
    return method


@resource("POST", "v1/payment_methods/<id>/detach", takes="")
def detach(params: Params, id: str) -> Object:
    method = store().get("payment_method", id)
    customer = store().objects.get(method["customer"] or "")
    if customer is None:
        raise Refused("The payment method you provided is not attached to a customer so detachment is impossible.")
    settings = customer["invoice_settings"]
    if settings["default_payment_method"] == id:
        with telling("customer.updated", customer):
            customer["invoice_settings"] = settings | {"default_payment_method": None}
    for subscription in store().rows("subscription", default_payment_method=id):
        subscription["default_payment_method"] = None
    method["customer"] = None
    emit("payment_method.detached", method, {"customer": customer["id"]})
    return method


def _token(token: str | None) -> str:
    """`tok_visa` is `pm_card_visa`."""
    return (token or "").replace("tok_", "pm_card_", 1)


def _card(digits: str) -> dict[str, Any]:
    brand = BRANDS[digits[0]]
    return {
        "brand": brand,
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
        "country": "US",
        "display_brand": brand,
        "exp_month": 12,
        "exp_year": datetime.fromtimestamp(store().now(), UTC).year + 4,
        "fingerprint": hashlib.sha256(digits.encode()).hexdigest()[:16],
        "funding": "credit",
        "generated_from": None,
        "last4": digits[-4:],
        "networks": {"available": [brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }


def _address() -> dict[str, None]:
    return dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
