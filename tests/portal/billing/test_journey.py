"""Buying as a person does it: the portal, Stripe's page and the portal again, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User, Workspace
from billing.models import Subscription
from tests.billing.buying.conftest import shop
from tests.billing.sandbox.fixture import GOOD_CARD, Sandbox
from tests.live import LiveService
from tests.portal.billing.test_buying import deliver
from tests.portal.conftest import Login
from tests.portal.test_look import complaints, enter

__all__ = ["complaints", "shop"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def site(live_service: LiveService, shop: Sandbox) -> str:
    """A portal that pays at the sandbox, whose events wait until the test delivers them."""
    shop.hold()
    return live_service("dashboard", DEBUG="1", STRIPE_API_BASE=shop.url, STRIPE_SECRET_KEY="sk_test_sandbox")


def test_it_leads_from_the_plans_to_a_key_that_works(
    page: Page, site: str, shop: Sandbox, workspace: Workspace, olivia: User, login: Login, complaints: list[str]
) -> None:
    enter(page, site, login(olivia))
    page.goto(f"{site}/portal/plans/?interval=year")
    page.get_by_role("button", name="Choose Pro").click()
    page.get_by_label(re.compile("card", re.IGNORECASE)).first.fill(GOOD_CARD)
    page.get_by_role("button", name=re.compile("Pay|Subscribe")).click()
    expect(page.get_by_role("heading", name="Setting things up")).to_be_visible()
    deliver(shop)
    expect(page.get_by_role("heading", name="Pro is yours")).to_be_visible()
    page.get_by_role("button", name="Reveal the key").click()
    expect(page.get_by_label("API key", exact=True)).to_have_value(re.compile("md_live_"))
    assert Subscription.objects.get().interval == "year"


def test_it_comes_back_from_the_payment_page_without_having_paid(
    page: Page, site: str, workspace: Workspace, olivia: User, login: Login, complaints: list[str]
) -> None:
    enter(page, site, login(olivia))
    page.goto(f"{site}/portal/plans/")
    page.get_by_role("button", name="Choose Team").click()
    page.get_by_role("link", name=re.compile("Back|Cancel")).first.click()
    expect(page.get_by_text("Nothing was bought")).to_be_visible()


def test_it_lets_the_back_button_leave_the_payment_page(
    page: Page, site: str, workspace: Workspace, olivia: User, login: Login
) -> None:
    enter(page, site, login(olivia))
    page.goto(f"{site}/portal/plans/")
    page.get_by_role("button", name="Choose Team").click()
    page.wait_for_url(re.compile("/c/pay/"))
    page.go_back()
    expect(page).to_have_url(f"{site}/portal/plans/")
    expect(page.get_by_role("button", name="Choose Pro")).to_be_visible()
