"""The way to Stripe's own page for a customer."""

from __future__ import annotations

import pytest

from accounts.models import User, Workspace
from billing.models import Customer
from billing.payments.customer_portal import start_portal
from billing.payments.customers import customer_of
from moondev.lib.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from tests.billing.buying.conftest import PORTAL, Post
from tests.billing.sandbox.browser import visit
from tests.billing.sandbox.fixture import Sandbox

pytestmark = pytest.mark.django_db
BACK = "http://127.0.0.1:8002/portal/plans/"


@pytest.fixture
def customer(shop: Sandbox, workspace: Workspace) -> Customer:
    made = shop.api.v1.customers.create({"email": "olivia@example.com", "payment_method": "pm_card_visa"})
    return Customer.objects.create(id=made.id, workspace=workspace)


@pytest.mark.usefixtures("customer")
def test_it_leads_owners_and_admins_to_their_page_and_back(workspace: Workspace, olivia: User, ada: User) -> None:
    for actor in (olivia, ada):
        page = visit(start_portal(workspace=workspace, actor=actor, return_url=BACK))
        assert page.status == 200
        assert BACK in page.links


@pytest.mark.usefixtures("customer")
def test_it_leads_straight_to_the_payment_method(workspace: Workspace, olivia: User) -> None:
    page = visit(start_portal(workspace=workspace, actor=olivia, return_url=BACK, flow="payment_method_update"))
    assert page.status == 200
    assert page.form_with("card")


@pytest.mark.usefixtures("customer")
def test_it_lets_nobody_else_in(workspace: Workspace, max: User, sam: User) -> None:
    for actor, refusal in ((max, Forbidden), (sam, NotFound)):
        with pytest.raises(refusal):
            start_portal(workspace=workspace, actor=actor, return_url=BACK)


def test_it_has_nothing_for_who_never_bought(workspace: Workspace, olivia: User) -> None:
    with pytest.raises(Conflict):
        start_portal(workspace=workspace, actor=olivia, return_url=BACK)


def test_it_has_nothing_for_a_customer_whom_stripe_has_lost(
    shop: Sandbox, customer: Customer, workspace: Workspace, olivia: User
) -> None:
    shop.api.v1.customers.delete(customer.pk)
    for _ in range(2):
        with pytest.raises(Conflict, match="Choose a plan"):
            start_portal(workspace=workspace, actor=olivia, return_url=BACK)
    assert customer_of(workspace) is None


@pytest.mark.usefixtures("customer")
def test_it_leads_back_to_our_own_pages_only(workspace: Workspace, olivia: User) -> None:
    with pytest.raises(Invalid):
        start_portal(workspace=workspace, actor=olivia, return_url="https://evil.test/")


def test_it_says_that_stripe_is_away(shop: Sandbox, customer: Customer, workspace: Workspace, olivia: User) -> None:
    shop.down("reset")
    with pytest.raises(Unavailable):
        start_portal(workspace=workspace, actor=olivia, return_url=BACK)


def test_it_names_an_idempotency_key(shop: Sandbox, customer: Customer, workspace: Workspace, olivia: User) -> None:
    start_portal(workspace=workspace, actor=olivia, return_url=BACK)
    assert shop.calls()[-1][2].startswith("portal-")


@pytest.mark.usefixtures("customer")
def test_it_opens_for_a_key_of_the_workspace(shop: Sandbox, post: Post, key: str) -> None:
    answer = post(PORTAL, {}, key=key, once="one")
    assert answer.status_code == 200
    assert answer.json()["url"].startswith(shop.url)
    assert post(PORTAL, {}, key=key, once="one").json() == answer.json()
