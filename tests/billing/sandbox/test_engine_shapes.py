"""Every object has the fields that the SDK types, and null only where it may be."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Shape:
    """The fields of a type as the SDK has them: whether each may be null, and the shapes of those that are objects."""

    nullable: dict[str, bool]
    nested: dict[str, Shape]


@lru_cache
def shape_of(kind: str) -> Shape:
    tree = ast.parse(inspect.getsource(inspect.getmodule(KINDS[kind])))  # type: ignore[arg-type]
    return _shape(next(node for node in _classes(tree) if node.name == KINDS[kind].__name__))


def _shape(node: ast.ClassDef) -> Shape:
    found = {
        each.target.id: ast.unparse(each.annotation).strip("'\"")
        for each in node.body
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
    }
    fields = {name: text for name, text in found.items() if not text.startswith("ClassVar")}
    inner = {each.name: each for each in _classes(node)}
    # A nested type is named as `Parent` or `Optional[Parent]`; lists of them are left alone.
    named = {name: text.removeprefix("Optional[").rstrip("]") for name, text in fields.items() if "List[" not in text}
    return Shape(
        {name: text.startswith("Optional") for name, text in fields.items()},
        {name: _shape(inner[text]) for name, text in named.items() if text in inner},
    )


def _classes(node: ast.Module | ast.ClassDef) -> list[ast.ClassDef]:
    return [each for each in node.body if isinstance(each, ast.ClassDef)]


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
    lacking = found.keys() | ABSENT.get(kind, set())
    for name in shape_of(kind).nullable.keys() - lacking:
        yield f"{kind}.{name} is missing"
    yield from _faults(found, shape_of(kind), kind)


def _faults(found: dict[str, Any], shape: Shape, path: str) -> Iterator[str]:
    for name in found.keys() - shape.nullable.keys():
        yield f"{path}.{name} is not Stripe's"
    for name, is_nullable in shape.nullable.items():
        value = found.get(name)
        if value is None and not is_nullable and not (path in KINDS and name in ABSENT.get(path, set())):
            yield f"{path}.{name} is never null"
        elif name in shape.nested and isinstance(value, dict):
            yield from _faults(value, shape.nested[name], f"{path}.{name}")
