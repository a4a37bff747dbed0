"""The pages of billing in a real browser, in each of their states."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User, Workspace
from billing.models import AddOn, Entitlement, Subscription
from tests.live import LiveService
from tests.portal.billing.rows import invoice_row, pay_once, put_on_sale, soon, subscribe
from tests.portal.billing.test_plans import STATES, moments
from tests.portal.conftest import Login
from tests.portal.test_look import CROSSED, enter, faults

pytestmark = [pytest.mark.browser, pytest.mark.slow(15)]


@pytest.fixture
def site(live_service: LiveService) -> str:
    return live_service("dashboard", DEBUG="1")


@pytest.fixture
def paying(site: str, page: Page, workspace: Workspace, olivia: User, login: Login) -> Workspace:
    """Olivia's workspace in the browser, with everything on sale."""
    put_on_sale()
    for row in AddOn.objects.all():
        AddOn.objects.filter(pk=row.pk).update(price_id=f"price_{row.pk}")
    enter(page, site, login(olivia))
    return workspace


def test_it_can_be_read_in_every_state(page: Page, site: str, paying: Workspace) -> None:
    found: list[str] = []
    for values, _ in STATES:
        Entitlement.objects.all().delete()
        Subscription.objects.all().delete()
        subscribe(paying, **moments(values))
        found += [
            f"{values}: {fault}"
            for path in ("plans/", "usage/")
            for fault in faults(page, f"{site}/portal/{path}", CROSSED)
        ]
    assert found == []


def test_it_can_be_read_after_paying(page: Page, site: str, paying: Workspace) -> None:
    done = f"{site}/portal/plans/done/?for=pro"
    found = faults(page, f"{done}&since=1&session_id=cs_test_{'a1' * 30}")
    # Left open, it would load itself anew when the plan is there, and end the load of the next page.
    page.goto("about:blank")
    row = subscribe(paying)
    pay_once(paying, "alerts-10", payment_id="", subscription=row, quantity=3)
    pay_once(paying, "history-year", ends_at=soon(300))
    for number in range(1, 25):
        invoice_row(paying, number, status="open" if number == 1 else "paid")
    paths = ("plans/done/?for=pro", "plans/", "plans/invoices/", "settings/close/", "settings/")
    assert found + [fault for path in paths for fault in faults(page, f"{site}/portal/{path}")] == []


def test_it_stops_waiting_by_itself(page: Page, site: str, paying: Workspace) -> None:
    page.goto(f"{site}/portal/plans/done/?for=pro")
    expect(page.get_by_text("Setting things up")).to_be_visible()
    subscribe(paying)
    expect(page.get_by_role("heading", name="Pro is yours")).to_be_visible(timeout=5_000)
