"""Customers."""

from __future__ import annotations

import secrets
import string
from collections.abc import Callable

from billing.sandbox.engine.news import telling
from billing.sandbox.errors import Refused
from billing.sandbox.events import emit
from billing.sandbox.expand import includes, listing
from billing.sandbox.forms import Params
from billing.sandbox.http import resource
from billing.sandbox.paging import created_in
from billing.sandbox.resources import payment_methods
from billing.sandbox.store import Object, store

TEXTS = "description email name phone"
TAKES = f"{TEXTS} address balance invoice_prefix invoice_settings metadata next_invoice_sequence preferred_locales"
ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")
ENDED = ("canceled", "incomplete_expired")

# What must happen before a customer is deleted, as ending its subscriptions.
before_deletion: list[Callable[[Object], None]] = []


def new_customer(params: Params) -> Object:
    """Make a customer of the parameters of a call; hosted pages make theirs with it too."""
    data = store()
    customer: Object = {
        "id": data.new_id("cus"),
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": data.now(),
        "currency": None,
        "customer_account": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "invoice_prefix": "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(8)),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }
    _write(customer, params)
    data.put("customer", customer)
    emit("customer.created", customer)
    return customer


@resource("POST", "v1/customers", takes=f"{TAKES} payment_method tax_exempt")
def create(params: Params) -> Object:
    method = payment_methods.method_of(params, "payment_method")
    customer = new_customer(params)
    if method:
        payment_methods.attach_to(method, customer)
    return customer


@resource("GET", "v1/customers", takes="created email")
def list_customers(params: Params) -> list[Object]:
    return created_in(store().rows("customer", email=params.text("email")), params)


@resource("GET", "v1/customers/<id>", takes="")
def retrieve(params: Params, id: str) -> Object:
    return store().gone.get(id) or store().get("customer", id)


@resource("POST", "v1/customers/<id>", takes=f"{TAKES} default_source tax tax_exempt")
def update(params: Params, id: str) -> Object:
    with telling("customer.updated", store().get("customer", id)) as customer:
        _write(customer, params)
    return customer


@resource("DELETE", "v1/customers/<id>", takes="")
def delete(params: Params, id: str) -> Object:
    customer = store().get("customer", id)
    for prepare in before_deletion:
        prepare(customer)
    for method in store().rows("payment_method", customer=id):
        method["customer"] = None
    stub = store().remove(customer)
    emit("customer.deleted", customer)
    return stub


@resource("GET", "v1/customers/<id>/payment_methods", takes="type allow_redisplay")
def methods_of(params: Params, id: str) -> list[Object]:
    store().get("customer", id)
    return store().rows("payment_method", customer=id, type=params.text("type"))


@resource("GET", "v1/customers/<id>/payment_methods/<method>", takes="")
def method_of(params: Params, id: str, method: str) -> Object:
    return payment_methods.saved(store().get("customer", id), method, "payment_method")


@includes("customer", "subscriptions")
def subscriptions_of(customer: Object) -> Object:
    rows = [row for row in store().rows("subscription", customer=customer["id"]) if row["status"] not in ENDED]
    return listing(f"/v1/customers/{customer['id']}/subscriptions", rows)


@includes("customer", "sources")
def sources_of(customer: Object) -> Object:
    return listing(f"/v1/customers/{customer['id']}/sources", [])


@includes("customer", "tax_ids")
def tax_ids_of(customer: Object) -> Object:
    return listing(f"/v1/customers/{customer['id']}/tax_ids", [])


@includes("customer", "tax")
def tax_of(customer: Object) -> Object:
    country = (customer["address"] or {}).get("country")
    located = {"country": country, "source": "billing_address", "state": None} if country else None
    return {
        "automatic_tax": "supported" if country else "unrecognized_location",
        "ip_address": None,
        "location": located,
        "provider": "stripe",
    }


def _write(customer: Object, params: Params) -> None:
    settings = _settings(customer, params.mapping("invoice_settings"))
    params.write(customer, f"{TEXTS} invoice_prefix tax_exempt")
    if customer["email"] and "@" not in customer["email"]:
        raise Refused(f"Invalid email address: {customer['email']}", code="email_invalid", param="email")
    for name in ("balance", "next_invoice_sequence"):
        if name in params:
            customer[name] = params.integer(name)
    if "address" in params:
        given = params.mapping("address")
        customer["address"] = {name: given.text(name) for name in ADDRESS} if given else None
    if "preferred_locales" in params:
        customer["preferred_locales"] = params.texts("preferred_locales")
    customer["metadata"] = params.metadata(customer["metadata"])
    customer["invoice_settings"] = settings


def _settings(customer: Object, params: Params) -> Object:
    settings: Object = dict(customer["invoice_settings"])
    if "default_payment_method" in params:
        id = params.text("default_payment_method")
        param = params.named("default_payment_method")
        settings["default_payment_method"] = payment_methods.saved(customer, id, param)["id"] if id else None
    params.write(settings, "footer")
    return settings
