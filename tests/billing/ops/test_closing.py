"""Closing a workspace ends its subscription; erasing it forgets who paid."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from accounts.models import User, Workspace
from accounts.services.erasure import erase_workspace
from accounts.services.workspaces import close_workspace
from billing.limits import terms_of
from billing.models import Claim, Customer, StripeEvent, Subscription
from billing.payments.closing import cancel_due, close_pages, request_cancel
from billing.payments.erasure import forget, forget_late_news
from billing.payments.intake import read
from billing.payments.mirror import mirror
from billing.payments.process import work
from billing.payments.subscriptions import apply_subscription
from billing.signals import work_waiting
from moondev.lib.errors import Conflict, Forbidden, Invalid
from tests.billing.buying.conftest import shop
from tests.billing.buying.test_checkout import buy, session_of
from tests.billing.payments.seller import GOOD, Seller
from tests.billing.sandbox.fixture import Sandbox

__all__ = ["shop"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid(workspace: Workspace) -> Subscription:
    """Olivia's workspace pays for Pro."""
    Customer.objects.create(id="cus_olivia", workspace=workspace)
    return subscription(workspace, "sub_olivia")


def subscription(workspace: Workspace | None, pk: str, customer: str = "cus_olivia", **values: Any) -> Subscription:
    row = {"status": "active", "plan_id": "pro", "started_at": timezone.now()}
    made: Subscription = Subscription.objects.create(id=pk, workspace=workspace, customer_id=customer, **(row | values))
    return made


@pytest.fixture
def woken() -> Any:
    """The tasks that were woken up."""
    heard: list[str] = []

    def listen(*, task: str, **_: object) -> None:
        heard.append(task)

    work_waiting.connect(listen)
    yield heard
    work_waiting.disconnect(listen)


def test_closing_a_workspace_asks_for_the_end_of_what_it_pays_at_once(
    paid: Subscription, olivia: User, workspace: Workspace, woken: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    gone = subscription(workspace, "sub_gone", status="canceled")
    with django_capture_on_commit_callbacks(execute=True):
        close_workspace(workspace=workspace, actor=olivia)
    paid.refresh_from_db()
    gone.refresh_from_db()
    assert paid.cancel_requested_at is not None
    assert gone.cancel_requested_at is None
    assert woken == ["billing.tasks.tend"]


def test_closing_a_workspace_that_pays_nothing_wakes_nobody(
    olivia: User, workspace: Workspace, woken: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        close_workspace(workspace=workspace, actor=olivia)
    assert woken == []


def test_what_a_closed_workspace_left_open_cannot_be_paid_any_more(
    shop: Sandbox, olivia: User, workspace: Workspace, woken: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    """Who paid there would have been cancelled at once, and not refunded."""
    page = buy(workspace, olivia)
    assert close_pages() == 0
    with django_capture_on_commit_callbacks(execute=True):
        close_workspace(workspace=workspace, actor=olivia)
    assert woken == ["billing.tasks.tend"]
    shop.down("500")
    assert close_pages() == 0
    shop.up()
    assert close_pages() == 1
    assert session_of(shop, page)["status"] == "expired"
    calls = len(shop.calls())
    assert close_pages() == 0
    assert len(shop.calls()) == calls


def test_only_staff_cancel_at_once_and_say_why(paid: Subscription, rita: User, olivia: User) -> None:
    with pytest.raises(Forbidden):
        request_cancel(subscription=paid, actor=olivia, reason="mine")
    with pytest.raises(Invalid):
        request_cancel(subscription=paid, actor=rita, reason=" ")
    request_cancel(subscription=paid, actor=rita, reason="fraud")
    with pytest.raises(Conflict):
        request_cancel(subscription=paid, actor=rita, reason="fraud")


def erase(workspace: Workspace) -> None:
    Workspace.objects.filter(pk=workspace.pk).update(closed_at=timezone.now(), erase_after=timezone.now())
    assert erase_workspace(workspace_id=workspace.pk)


INVOICE = {
    "id": "in_1",
    "object": "invoice",
    "number": "A-0001",
    "customer": "cus_olivia",
    "customer_email": "olivia@example.com",
    "customer_name": "Olivia & Co",
    "customer_address": {"line1": "1 Main Street"},
    "hosted_invoice_url": "https://invoice.example/olivia",
    "total": 4900,
    "lines": {"data": [{"description": "1 × Pro", "amount": 4900}]},
    "metadata": {"workspace": "7", "note": "call Olivia"},
}


def test_what_names_a_person_is_forgotten_and_what_the_books_need_stays() -> None:
    kept = forget(INVOICE)
    assert (kept["number"], kept["total"], kept["lines"]) == ("A-0001", 4900, INVOICE["lines"])
    assert kept["metadata"] == {"workspace": "7"}
    for name in ("customer_email", "customer_name", "customer_address", "hosted_invoice_url"):
        assert kept[name] is None, name


def test_a_products_name_is_no_persons() -> None:
    assert forget({"object": "product", "name": "Pro"})["name"] == "Pro"
    assert forget({"object": "customer", "id": "cus_1", "name": "Olivia", "description": "of Main Street"}) == {
        "object": "customer",
        "id": "cus_1",
        "name": None,
        "description": None,
    }


def test_erasing_forgets_in_events_copies_and_claims(paid: Subscription, workspace: Workspace, olivia: User) -> None:
    from djstripe.models import Customer as CustomerCopy
    from djstripe.models import Invoice, PaymentMethod

    now = timezone.now()
    about_her = {"id": "cus_olivia", "object": "customer", "email": olivia.email, "name": "Olivia"}
    StripeEvent.objects.create(
        id="evt_1", type="customer.updated", object_id="cus_olivia", created_at=now, livemode=False,
        payload={"id": "evt_1", "data": {"object": about_her, "previous_attributes": {"email": "old@example.com"}}},
    )  # fmt: skip
    StripeEvent.objects.create(
        id="evt_2", type="invoice.paid", object_id="in_1", customer_id="cus_olivia", created_at=now, livemode=False,
        payload={"id": "evt_2", "data": {"object": INVOICE}},
    )  # fmt: skip
    copy = CustomerCopy.objects.create(id="cus_olivia", email=olivia.email, stripe_data=about_her)
    Invoice.objects.create(id="in_1", customer=copy, stripe_data=INVOICE)
    card = {"brand": "visa", "last4": "4242", "fingerprint": "x", "exp_year": 2031}
    method = {"id": "pm_1", "customer": "cus_olivia", "billing_details": {"name": "Olivia"}, "card": card}
    PaymentMethod.objects.create(id="pm_1", customer=copy, stripe_data=method)
    Claim.objects.create(subscription=paid, email=olivia.email, token_digest="t" * 64, expires_at=now)

    erase(workspace)

    left = [*StripeEvent.objects.values_list("payload", flat=True)]
    left += [*CustomerCopy.objects.values_list("stripe_data", "email"), *Claim.objects.values_list("email")]
    left += [*Invoice.objects.values_list("stripe_data"), *PaymentMethod.objects.values_list("stripe_data")]
    for word in ("olivia@", "Olivia", "old@example.com", "Main Street", "4242"):
        assert word not in str(left), word
    assert Invoice.objects.get(id="in_1").stripe_data["number"] == "A-0001"
    assert StripeEvent.objects.get(pk="evt_2").payload["data"]["object"]["total"] == 4900


def test_erasing_forgets_who_an_earlier_customer_was(paid: Subscription, workspace: Workspace) -> None:
    Customer.objects.create(id="cus_before", workspace=workspace, is_current=False)
    about = {"id": "cus_before", "object": "customer", "email": "before@example.com"}
    for pk in ("evt_before", "evt_late"):
        StripeEvent.objects.create(
            id=pk, type="customer.updated", object_id="cus_before", created_at=timezone.now(), livemode=False,
            payload={"data": {"object": about}},
        )  # fmt: skip
        if pk == "evt_before":
            erase(workspace)
    assert forget_late_news([StripeEvent.objects.get(pk="evt_late")])
    assert "before@" not in str([*StripeEvent.objects.values_list("payload", flat=True)])


def test_erasing_leaves_other_customers_alone(
    paid: Subscription, workspace: Workspace, strangers_workspace: Workspace
) -> None:
    Customer.objects.create(id="cus_sam", workspace=strangers_workspace)
    payload = {"data": {"object": {"id": "cus_sam", "object": "customer", "email": "sam@example.com"}}}
    StripeEvent.objects.create(
        id="evt_sam", type="customer.updated", object_id="cus_sam", customer_id="cus_sam", created_at=timezone.now(),
        livemode=False, payload=payload,
    )  # fmt: skip
    erase(workspace)
    assert StripeEvent.objects.get(pk="evt_sam").payload == payload


@pytest.mark.stripe_live
def test_a_closed_workspaces_subscription_is_cancelled_in_stripe(
    seller: Seller, workspace: Workspace, olivia: User
) -> None:
    pk = seller.subscribe("pro", workspace=workspace)
    apply_subscription(pk)
    close_workspace(workspace=workspace, actor=olivia)
    # The news of the closing was lost: that the workspace is closed is enough.
    assert cancel_due() == 1
    assert seller.api.subscriptions.retrieve(pk).status == "canceled"
    row = Subscription.objects.get(pk=pk)
    assert (row.status, row.cancel_requested_at) == ("canceled", None)
    assert terms_of(workspace).plan == "free"
    assert cancel_due() == 0


def test_cancelling_waits_while_stripe_is_away(seller: Seller, workspace: Workspace, rita: User) -> None:
    pk = seller.subscribe("pro", workspace=workspace)
    row = apply_subscription(pk)
    assert row is not None
    request_cancel(subscription=row, actor=rita, reason="fraud")
    for mode in ("reset", "500", "429"):
        seller.sandbox.down(mode)
        assert cancel_due() == 0
    seller.sandbox.up()
    assert cancel_due() == 1
    assert seller.api.subscriptions.retrieve(pk).status == "canceled"
    assert terms_of(workspace).plan == "free"


@pytest.mark.stripe_live
def test_what_was_cancelled_in_stripe_already_is_read(seller: Seller, workspace: Workspace, rita: User) -> None:
    pk = seller.subscribe("pro", workspace=workspace)
    row = apply_subscription(pk)
    assert row is not None
    seller.api.subscriptions.cancel(pk)
    request_cancel(subscription=row, actor=rita, reason="fraud")
    assert cancel_due() == 1
    assert Subscription.objects.get(pk=pk).status == "canceled"


@pytest.mark.stripe_live
def test_one_that_cannot_be_cancelled_does_not_keep_the_others(
    seller: Seller, workspace: Workspace, strangers_workspace: Workspace, rita: User
) -> None:
    lost = subscription(strangers_workspace, "sub_lost", customer="cus_lost")
    request_cancel(subscription=lost, actor=rita, reason="lost")
    row = apply_subscription(seller.subscribe("pro", workspace=workspace))
    assert row is not None
    request_cancel(subscription=row, actor=rita, reason="fraud")
    cancel_due()
    row.refresh_from_db()
    assert row.status == "canceled"


def test_what_a_real_purchase_left_is_forgotten(seller: Seller, workspace: Workspace, olivia: User) -> None:
    """Every copy that dj-stripe makes of a purchase, not only those that this test thought of."""
    pk = seller.subscribe("pro", workspace=workspace)
    customer = str(seller.api.subscriptions.retrieve(pk).customer)
    old = seller.api.payment_methods.list({"customer": customer}).data[0]
    seller.use(customer, GOOD)
    seller.api.payment_methods.detach(old.id)
    for found in list(seller.api.events.list({"limit": 100}).auto_paging_iter())[::-1]:
        # As it comes over the wire.
        event = read(json.dumps(found.to_dict(), default=str).encode())
        event.save()
        mirror(event)
    apply_subscription(pk)
    assert "olivia@example.com" in everything_stored()
    close_workspace(workspace=workspace, actor=olivia)
    assert erase_workspace(workspace_id=workspace.pk)
    stored = everything_stored()
    assert "olivia@example.com" not in stored
    assert '"last4": "4242"' not in stored


def test_news_that_come_after_the_erasing_bring_nobody_back(seller: Seller, workspace: Workspace, olivia: User) -> None:
    """An account that is deleted is erased at once, and what it paid ends in Stripe a moment later."""
    pk = seller.subscribe("pro", workspace=workspace)
    apply_subscription(pk)
    close_workspace(workspace=workspace, actor=olivia)
    assert erase_workspace(workspace_id=workspace.pk)
    assert cancel_due() == 1
    assert Subscription.objects.get(pk=pk).status == "canceled"
    for found in seller.api.events.list({"limit": 100}).auto_paging_iter():
        event = read(json.dumps(found.to_dict(), default=str).encode())
        event.save()
    work()
    assert not StripeEvent.objects.exclude(state="done").exists()
    stored = everything_stored()
    assert "olivia@example.com" not in stored
    assert '"last4": "4242"' not in stored


def everything_stored() -> str:
    """What stands in dj-stripe's tables and in ours of events."""
    models: list[Any] = [*apps.get_app_config("djstripe").get_models(), StripeEvent]
    rows = [row for model in models for row in model._default_manager.values()]
    return json.dumps(rows, default=str)
