"""Which subscription an event is about, which events are of no interest, and what a buyer without account gets."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Workspace
from billing.limits import terms_of
from billing.models import Claim, Customer, StripeEvent, Subscription
from billing.payments import receivers
from billing.payments.customers import customer_of, customers_of
from tests.billing.payments.seller import Seller

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


@pytest.mark.django_db
def test_a_customer_that_is_deleted_is_nobodys_any_more_and_still_known(workspace: Workspace) -> None:
    Customer.objects.create(pk="cus_1", workspace=workspace)
    receivers.receive(event("customer.deleted", object="customer", id="cus_1"))
    assert (customer_of(workspace), customers_of(workspace)) == (None, {"cus_1"})


@pytest.mark.django_db
class TestABuyerWithoutAccount:
    @pytest.fixture
    def bought(self, seller: Seller) -> str:
        """A subscription that nobody's workspace has."""
        return seller.subscribe("pro")

    def test_it_is_offered_to_the_buyer_once(self, seller: Seller, bought: str) -> None:
        for _ in range(2):
            seller.tell()
        claim = Claim.objects.get()
        assert (claim.subscription_id, claim.email) == (bought, "olivia@example.com")

    def test_it_is_offered_to_nobody_who_did_not_pay(self, seller: Seller, bought: str) -> None:
        seller.api.subscriptions.cancel(bought)
        seller.tell()
        assert (Claim.objects.count(), Subscription.objects.get().status) == (0, "canceled")

    def test_an_address_selects_no_workspace(self, seller: Seller, workspace: Workspace, bought: str) -> None:
        seller.tell()
        assert (Subscription.objects.get().workspace, terms_of(workspace).plan) == (None, "free")

    def test_a_workspaces_own_is_not_offered(self, seller: Seller, workspace: Workspace) -> None:
        seller.subscribe("pro", workspace=workspace)
        seller.tell()
        assert (Claim.objects.count(), terms_of(workspace).plan) == (0, "pro")

    @pytest.mark.django_db(transaction=True)
    def test_two_events_at_once_make_one_offer(self, seller: Seller, bought: str) -> None:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(_take, [bought] * 4))
        assert Claim.objects.count() == 1


def _take(subscription_id: str) -> None:
    try:
        receivers.take(subscription_id)
    finally:
        connection.close()
