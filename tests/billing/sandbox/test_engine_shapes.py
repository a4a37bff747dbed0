"""Every object has the fields that the SDK types, and null only where it may be."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import pytest
import stripe

from tests.billing.sandbox.fixture import Sandbox
from tests.billing.sandbox.shop import Shop
from tests.billing.sandbox.test_engine_mirror import trade

KINDS: dict[str, type[stripe.StripeObject]] = {
    "balance_transaction": stripe.BalanceTransaction,
    "billing_portal.session": stripe.billing_portal.Session,
    "charge": stripe.Charge,
    "checkout.session": stripe.checkout.Session,
    "discount": stripe.Discount,
    "dispute": stripe.Dispute,
    "invoice": stripe.Invoice,
    "invoice_payment": stripe.InvoicePayment,
    "invoiceitem": stripe.InvoiceItem,
    "item": stripe.LineItem,
    "line_item": stripe.InvoiceLineItem,
    "payment_intent": stripe.PaymentIntent,
    "refund": stripe.Refund,
    "setup_intent": stripe.SetupIntent,
    "subscription": stripe.Subscription,
    "subscription_item": stripe.SubscriptionItem,
    "subscription_schedule": stripe.SubscriptionSchedule,
}
# Left out unless expanded, set in special cases only, or newer than the pinned version.
ABSENT = {
    "charge": {"application_fee", "authorization_code", "level3", "refunds", "transfer"},
    "checkout.session": {"line_items"},
    "discount": {"deleted"},
    "invoice": {"confirmation_secret", "deleted", "payments"},
    "invoiceitem": {"deleted"},
    "item": {"discounts", "taxes"},
    "payment_intent": {"allowed_payment_method_types", "hooks"},
    "refund": {"failure_reason", "instructions_email"},
    "setup_intent": {"allowed_payment_method_types", "attach_to_self"},
    "subscription_item": {"deleted"},
}


@lru_cache
def fields_of(kind: str) -> dict[str, bool]:
    """The fields of a kind as the SDK types them, and whether they may be null."""
    tree = ast.parse(inspect.getsource(inspect.getmodule(KINDS[kind])))  # type: ignore[arg-type]
    body = next(node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == KINDS[kind].__name__)
    found = {
        node.target.id: ast.unparse(node.annotation).strip("'\"")
        for node in body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    return {name: text.startswith("Optional") for name, text in found.items() if not text.startswith("ClassVar")}


def objects_in(value: Any) -> Iterator[dict[str, Any]]:
    """Every object of these kinds in an answer, however deep."""
    if isinstance(value, list):
        for row in value:
            yield from objects_in(row)
    elif isinstance(value, dict):
        if str(value.get("object")) in KINDS:
            yield value
        for row in value.values():
            yield from objects_in(row)


@pytest.fixture
def shop(sandbox: Sandbox) -> Shop:
    return Shop(sandbox)


def test_it_has_stripes_fields(shop: Shop) -> None:
    subscription = trade(shop)
    customer = str(shop.subscription(subscription).customer)
    shop.sandbox.pay(str(shop.session(mode="setup", currency="usd", customer=customer).url))
    shop.sandbox.advance(days=32)
    answers = [event.to_dict() for event in shop.api.events.list(params={"limit": 100}).data]
    answers += [row.to_dict() for row in shop.api.balance_transactions.list(params={"limit": 100}).data]
    sessions: Any = {"expand": ["data.line_items"]}
    answers += [row.to_dict() for row in shop.api.checkout.sessions.list(params=sessions).data]
    invoices: Any = {"expand": ["data.payments", "data.discounts"]}
    answers += [row.to_dict() for row in shop.api.invoices.list(params=invoices).data]
    found = list(objects_in(answers))
    assert {each["object"] for each in found} == KINDS.keys() - {"billing_portal.session"}
    assert {fault for each in found for fault in faults_of(each)} == set()


def faults_of(found: dict[str, Any]) -> Iterator[str]:
    """What an object lacks, has too much, or has as null though it never is."""
    kind = found["object"]
    fields = fields_of(kind)
    for name in fields.keys() - found.keys() - ABSENT.get(kind, set()):
        yield f"{kind}.{name} is missing"
    for name in found.keys() - fields.keys():
        yield f"{kind}.{name} is not Stripe's"
    for name, value in found.items():
        if value is None and not fields.get(name, True):
            yield f"{kind}.{name} is never null"
