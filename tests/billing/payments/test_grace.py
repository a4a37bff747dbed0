"""From when on the days of grace are counted: from Stripe's failure, whenever we hear of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from freezegun import freeze_time

from accounts.models import Workspace
from billing.models import Entitlement, Subscription
from billing.payments.reading import moment
from billing.payments.subscriptions import apply_subscription
from tests.billing.payments.seller import FAILS, GOOD, Seller

pytestmark = [pytest.mark.django_db, pytest.mark.slow(0.3)]


@pytest.fixture
def late(seller: Seller, workspace: Workspace) -> str:
    """A subscription to Pro whose renewal, in a month, was not paid; nobody has told us."""
    customer = seller.customer(workspace)
    pk = seller.subscribe("pro", workspace=workspace, customer=customer)
    apply_subscription(pk)
    seller.use(customer, FAILS)
    seller.sandbox.advance(days=32)
    return pk


def read_after(days: float, pk: str) -> Subscription:
    """Our row, read so many days from now."""
    with freeze_time(timezone.now() + timedelta(days=days), tick=True):
        row = apply_subscription(pk)
    assert row is not None
    return row


def failed_at(seller: Seller, pk: str) -> Any:
    (invoice,) = seller.api.invoices.list({"subscription": pk, "status": "open"}).data
    return moment(invoice.status_transitions.finalized_at)


def test_it_counts_from_the_failure_and_not_from_its_news(late: str, seller: Seller) -> None:
    row = read_after(34, late)
    assert row.status == "past_due"
    assert row.past_due_since == failed_at(seller, late)
    assert row.grace_ends_at == failed_at(seller, late) + timedelta(days=7)
    assert read_after(36, late).grace_ends_at == row.grace_ends_at


def test_another_failure_that_follows_unseen_has_days_of_its_own(late: str, seller: Seller) -> None:
    first = read_after(34, late).past_due_since
    Subscription.objects.update(letters=[0, 3])
    (invoice,) = seller.api.invoices.list({"subscription": late, "status": "open"}).data
    customer = str(invoice.customer)
    seller.use(customer, GOOD)
    seller.api.invoices.pay(str(invoice.id))
    seller.use(customer, FAILS)
    seller.sandbox.advance(days=31)
    row = read_after(66, late)
    assert (row.status, row.past_due_since, row.letters) == ("past_due", failed_at(seller, late), [])
    assert row.past_due_since != first


def test_a_row_that_was_lost_brings_no_new_grace(late: str) -> None:
    assert read_after(34, late).grants(timezone.now() + timedelta(days=34))
    Subscription.objects.all().delete()
    assert not read_after(41, late).grants(timezone.now() + timedelta(days=41))
    assert not Entitlement.objects.exists()


def test_a_clock_that_is_ahead_of_ours_makes_it_no_longer(late: str) -> None:
    row = read_after(0, late)
    assert row.grace_ends_at is not None
    assert row.grace_ends_at <= timezone.now() + timedelta(days=7)
