"""Which subscription an event is about, and which events are of no interest."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from billing.models import StripeEvent
from billing.payments import receivers

PARENT = {"type": "subscription_details", "subscription_details": {"subscription": "sub_1"}}


def event(type: str, **found: Any) -> StripeEvent:
    payload = {"id": "evt_1", "type": type, "data": {"object": found}}
    return StripeEvent(id="evt_1", type=type, created_at=timezone.now(), livemode=False, payload=payload)


@pytest.mark.parametrize(
    ("type", "found"),
    [
        ("customer.subscription.created", {"object": "subscription", "id": "sub_1"}),
        ("customer.subscription.deleted", {"object": "subscription", "id": "sub_1"}),
        ("invoice.paid", {"object": "invoice", "parent": PARENT}),
        ("invoice.upcoming", {"object": "invoice", "id": None, "parent": PARENT}),
        (
            "invoice.payment_failed",
            {"object": "invoice", "parent": {"subscription_details": {"subscription": {"id": "sub_1"}}}},
        ),
        ("checkout.session.completed", {"object": "checkout.session", "subscription": "sub_1"}),
        ("subscription_schedule.created", {"object": "subscription_schedule", "subscription": "sub_1"}),
        (
            "subscription_schedule.released",
            {"object": "subscription_schedule", "subscription": None, "released_subscription": "sub_1"},
        ),
    ],
)
def test_it_knows_the_subscription_without_asking(type: str, found: dict[str, Any]) -> None:
    assert receivers.subscription_of(event(type, **found)) == "sub_1"


@pytest.mark.parametrize(
    ("type", "found"),
    [
        ("invoice.paid", {"object": "invoice", "parent": None}),
        ("invoice.paid", {"object": "invoice", "parent": {"type": "quote_details", "subscription_details": None}}),
        ("checkout.session.completed", {"object": "checkout.session", "subscription": None}),
        ("charge.refunded", {"object": "charge", "id": "ch_1"}),
        ("product.updated", {"object": "product", "id": "prod_1"}),
        ("customer.tax_id.created", {"object": "tax_id", "id": "txi_1"}),
    ],
)
def test_other_things_have_none(type: str, found: dict[str, Any]) -> None:
    assert receivers.subscription_of(event(type, **found)) is None


def test_an_event_of_no_interest_changes_nothing_and_asks_nobody() -> None:
    receivers.receive(event("product.updated", object="product", id="prod_1"))
