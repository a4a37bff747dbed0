"""A workspace's invoices, from dj-stripe's copies and fresh from Stripe."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from djstripe.models import Customer as CustomerCopy
from djstripe.models import Invoice
from pytest_django.fixtures import DjangoAssertNumQueries, Settings

from accounts.models import Workspace
from billing.models import Customer, Plan, Subscription
from billing.payments.invoices import PER_PAGE, fresh_invoice, invoices_of
from moondev.lib.errors import NotFound, Unavailable
from tests.billing.sandbox.fixture import Sandbox

pytestmark = pytest.mark.django_db
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _customers(workspace: Workspace, strangers_workspace: Workspace) -> None:
    for owner, name in ((workspace, "cus_olivia"), (strangers_workspace, "cus_sam")):
        Customer.objects.create(id=name, workspace=owner)
        CustomerCopy.objects.create(id=name, livemode=False)


def copy(number: int, customer: str = "cus_olivia", **values: Any) -> None:
    """dj-stripe's copy of an invoice of day `number`."""
    created = BEGIN + timedelta(days=number)
    data = {
        "id": f"in_{customer}_{number}",
        "number": f"A-{number:04}",
        "created": int(created.timestamp()),
        "total": 4900,
        "currency": "usd",
        "status": "paid",
        "hosted_invoice_url": "https://pay.example.com/i",
        "invoice_pdf": "https://pay.example.com/i.pdf",
        **values,
    }
    Invoice.objects.create(id=data["id"], customer_id=customer, created=created, stripe_data=data, livemode=False)


def test_it_lists_the_newest_first_with_all_that_a_page_shows(workspace: Workspace) -> None:
    copy(1)
    copy(2, total=14_900, status="open")
    newest, oldest = invoices_of(workspace).rows
    assert (newest.number, newest.total_cents, newest.status) == ("A-0002", 14_900, "open")
    assert (oldest.issued_at, oldest.currency) == (BEGIN + timedelta(days=1), "usd")
    assert (oldest.hosted_url, oldest.pdf_url) == ("https://pay.example.com/i", "https://pay.example.com/i.pdf")


def test_it_shows_no_drafts_and_nothing_of_others(workspace: Workspace, strangers_workspace: Workspace) -> None:
    copy(1, status="draft")
    copy(2, "cus_sam")
    assert invoices_of(workspace).count == 0
    assert invoices_of(strangers_workspace).count == 1


def test_it_shows_no_play_money_where_real_money_is_taken(workspace: Workspace, settings: Settings) -> None:
    """Stripe knows none of them under a live key, so they could be neither opened nor paid."""
    copy(1, status="open")
    settings.STRIPE_LIVE_MODE = True
    assert invoices_of(workspace).count == 0


def test_it_shows_nothing_to_who_never_bought(workspace: Workspace) -> None:
    copy(1)
    Customer.objects.all().delete()
    assert invoices_of(workspace).rows == ()


def test_it_pages_and_takes_a_page_too_far_for_the_last(
    workspace: Workspace, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(PER_PAGE + 1):
        copy(number)
    with django_assert_num_queries(5):
        first = invoices_of(workspace)
    assert (len(first.rows), first.page, first.pages, first.count) == (PER_PAGE, 1, 2, PER_PAGE + 1)
    last = invoices_of(workspace, 99)
    assert (last.page, [row.number for row in last.rows]) == (2, ["A-0000"])


def test_it_asks_nobody_to_pay_for_a_subscription_that_has_ended(workspace: Workspace) -> None:
    row = Subscription.objects.create(
        id="sub_1", workspace=workspace, customer_id="cus_olivia", status="past_due", started_at=BEGIN
    )
    parent = {"type": "subscription_details", "subscription_details": {"subscription": row.pk}}
    copy(1, parent=parent)
    copy(2, status="open", parent=parent)
    copy(3, status="open")
    assert [row.is_due for row in invoices_of(workspace).rows] == [True, True, False]
    Subscription.objects.update(status="canceled")
    assert [row.is_due for row in invoices_of(workspace).rows] == [True, False, False]


def test_it_bears_an_invoice_without_links(workspace: Workspace) -> None:
    copy(1, hosted_invoice_url=None, invoice_pdf=None)
    assert (invoices_of(workspace).rows[0].hosted_url, invoices_of(workspace).rows[0].pdf_url) == ("", "")


@pytest.mark.parametrize("invoice_id", ["", "in_", "sub_1", "in_1/../../customers", "in_" + "1" * 101])
def test_it_asks_stripe_for_nothing_that_is_no_id(workspace: Workspace, invoice_id: str) -> None:
    with pytest.raises(NotFound):
        fresh_invoice(workspace=workspace, invoice_id=invoice_id)


@pytest.fixture
def paid(shop: Sandbox, workspace: Workspace, strangers_workspace: Workspace) -> str:
    """The id of an invoice that olivia's workspace has paid at the sandbox; sam's is a customer there too."""
    Customer.objects.all().delete()
    for owner in (workspace, strangers_workspace):
        made = shop.api.v1.customers.create({"payment_method": "pm_card_visa"})
        Customer.objects.create(id=made.id, workspace=owner)
    price = Plan.objects.get(name="pro").price_id_month
    params: Any = {"customer": workspace.stripe_customers.get().pk, "items": [{"price": price}]}
    params["default_payment_method"] = shop.api.v1.payment_methods.list({"customer": params["customer"]}).data[0].id
    return str(shop.api.v1.subscriptions.create(params).latest_invoice)


@pytest.mark.stripe_live
def test_it_reads_an_invoice_fresh_for_a_download(paid: str, workspace: Workspace) -> None:
    row = fresh_invoice(workspace=workspace, invoice_id=paid)
    assert (row.id, row.status, row.total_cents, row.currency) == (paid, "paid", 4900, "usd")
    assert row.number
    assert row.pdf_url.startswith("http")
    assert row.hosted_url.startswith("http")


@pytest.mark.stripe_live
def test_it_gives_nobody_the_invoice_of_others(paid: str, strangers_workspace: Workspace) -> None:
    for invoice_id in (paid, "in_nowhere"):
        with pytest.raises(NotFound):
            fresh_invoice(workspace=strangers_workspace, invoice_id=invoice_id)


def test_it_says_that_an_invoice_cannot_be_had_now(shop: Sandbox, paid: str, workspace: Workspace) -> None:
    shop.down("500")
    with pytest.raises(Unavailable):
        fresh_invoice(workspace=workspace, invoice_id=paid)
