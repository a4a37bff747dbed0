"""Buying without an account in a real browser: from the letter to the plan."""

from __future__ import annotations

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from billing.limits import terms_of
from billing.models import Claim, Subscription
from billing.payments.checkout import Order, start_checkout
from billing.payments.receivers import take
from billing.payments.returns import BOUGHT
from tests.accounts.conftest import PASSWORD
from tests.axe import told, violations
from tests.billing.buying.test_claims import token_in
from tests.billing.sandbox.fixture import KEY, Sandbox
from tests.live import LiveService

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
BUYER = "nora@example.com"
BACK = "http://127.0.0.1:8002/"
LOOKS = (("light", 1280), ("dark", 1280), ("light", 360), ("dark", 360))


@pytest.fixture
def door(live_service: LiveService, shop: Sandbox) -> str:
    return live_service("dashboard", DEBUG="1", STRIPE_API_BASE=shop.url, STRIPE_SECRET_KEY=KEY)


@pytest.fixture
def token(shop: Sandbox, door: str) -> str:
    """Nora has bought pro; the token of her letter."""
    made = start_checkout(
        order=Order(plan="pro"),
        workspace=None,
        actor=None,
        success_url=BACK,
        cancel_url=BACK,
        idempotency_key="once",
    )
    shop.pay(made.url, email=BUYER)
    take(str(shop.api.v1.checkout.sessions.retrieve(made.id).subscription))
    return token_in(mail.outbox[-1])


def check_look(page: Page, url: str) -> None:
    """Fails where a page is not accessible or wider than the screen, in either theme, at a desk and on a phone."""
    for theme, width in LOOKS:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.goto(url)
        assert told(violations(page)) == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_it_looks_right_wherever_a_buyer_comes(page: Page, door: str, token: str) -> None:
    check_look(page, door + BOUGHT)
    check_look(page, f"{door}/accounts/claim/{token}/")
    check_look(page, f"{door}/accounts/claim/unknown/")
    Claim.objects.update(expires_at="2026-01-01T00:00Z")
    check_look(page, f"{door}/accounts/claim/{token}/")


def test_it_leads_a_stranger_from_the_letter_to_the_plan(page: Page, door: str, token: str) -> None:
    page.goto(f"{door}/accounts/claim/{token}/")
    expect(page.get_by_role("heading", name="Your Pro plan")).to_be_visible()
    page.get_by_role("link", name="Create an account").click()
    page.get_by_label("Email").fill(BUYER)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password (again)").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_label("Workspace")).to_be_visible()
    check_look(page, page.url)
    page.get_by_role("button", name="Bring it there").click()
    page.wait_for_url(f"{door}/portal/plans/done/")
    expect(page.get_by_text("Pro is now the plan of")).to_be_visible()
    row = Subscription.objects.select_related("workspace").get()
    assert row.workspace is not None
    assert terms_of(row.workspace).plan == "pro"
