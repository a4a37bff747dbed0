"""Changing a plan, not paying and leaving on the real parts: portal, webhooks, worker, gate, a Stripe for tests."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.flows.buyer import FAILS_LATER, FREE, MONTH, PRO, TEAM, buy, deal, is_soon, open_plans, pay, soon, state
from tests.flows.client import Client
from tests.flows.conftest import Market

pytestmark = [pytest.mark.browser, pytest.mark.slow(20)]

# The three more tries of a failed payment come after 3, 5 and 7 days.
DUNNING = 16


def test_it_takes_pro_away_when_it_is_not_paid_and_gives_it_back_when_it_is(
    at_plans: Page, market: Market, client: Client
) -> None:
    page = at_plans
    buy(page, "Pro", FAILS_LATER)
    assert is_soon(client, PRO)

    market.sandbox.advance(days=MONTH)
    soon(page, page.get_by_text("The payment of"))
    page.goto(f"{market.site}/portal/")
    expect(page.get_by_role("status").filter(has_text="The last payment failed. Pro stays until")).to_be_visible()
    assert client.plan() == PRO

    market.sandbox.advance(days=DUNNING)
    assert is_soon(client, FREE)
    open_plans(page)
    soon(page, state(page).get_by_text("Nothing was deleted"))
    state(page).get_by_role("link", name="Invoices").click()
    expect(page.get_by_text("not paid")).to_be_visible()
    expect(page.get_by_role("link", name="Pay")).to_have_count(0)

    open_plans(page)
    buy(page, "Pro")
    assert is_soon(client, PRO)
    expect(state(page)).to_contain_text("Renews on")


def test_it_ends_the_grace_when_the_open_invoice_is_paid(at_plans: Page, market: Market, client: Client) -> None:
    page = at_plans
    buy(page, "Pro", FAILS_LATER)
    market.sandbox.advance(days=MONTH)
    soon(page, page.get_by_text("The payment of"))
    state(page).get_by_role("link", name="Pay now").click()
    pay(page)
    page.goto(f"{market.site}/portal/plans/")
    soon(page, state(page).get_by_text("Renews on"))
    assert client.plan() == PRO


def test_it_cancels_resumes_and_ends(at_plans: Page, market: Market, client: Client) -> None:
    page = at_plans
    buy(page, "Pro")
    for _ in range(2):
        state(page).get_by_role("link", name="Cancel the subscription").click()
        page.get_by_role("button", name="Cancel the subscription").click()
        expect(page.get_by_role("status").filter(has_text="Nothing more will be charged")).to_be_visible()
        expect(state(page)).to_contain_text("You have Pro until")
        state(page).get_by_role("button", name="Resume Pro").click()
        expect(state(page)).to_contain_text("Renews on")
    page.get_by_role("link", name="Cancel, go back to Free").click()
    page.get_by_role("button", name="Cancel the subscription").click()
    assert client.plan() == PRO

    market.sandbox.advance(days=MONTH)
    assert is_soon(client, FREE)
    soon(page, state(page).get_by_text("Pro ended"))


def test_it_shows_what_an_upgrade_costs_and_lets_a_downgrade_wait(
    at_plans: Page, market: Market, client: Client
) -> None:
    page = at_plans
    buy(page, "Pro")
    market.sandbox.advance(days=10)
    deal(page, "Team").get_by_role("link", name="Upgrade to Team").click()
    due = re.compile(r"Due now\s*\$\d+")
    expect(page.get_by_role("table", name="What is charged")).to_contain_text(due)
    expect(page.get_by_text("credited")).to_be_visible()
    page.get_by_role("button", name=re.compile(r"^Pay \$\d+")).click()
    expect(page.get_by_role("status").filter(has_text="You are on Team now")).to_be_visible()
    assert is_soon(client, TEAM)

    deal(page, "Pro").get_by_role("link", name="Downgrade to Pro").click()
    expect(page.get_by_text("Nothing is due now")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Change on ")).click()
    expect(state(page)).to_contain_text("Then Pro, monthly, begins")
    assert client.plan() == TEAM
    market.sandbox.advance(days=MONTH)
    assert is_soon(client, PRO)
    soon(page, state(page).get_by_text("Renews on"))


def test_it_follows_what_is_done_on_stripes_own_page(at_plans: Page, market: Market, client: Client) -> None:
    page = at_plans
    buy(page, "Pro")
    state(page).get_by_role("button", name="Payment method").click()
    page.get_by_role("link", name="Change plan").click()
    page.get_by_role("radio", name=re.compile("Team.*month")).check()
    page.get_by_role("button", name="Change plan").click()
    assert is_soon(client, TEAM)
    page.get_by_role("link", name="Cancel subscription").click()
    page.get_by_role("button", name="Cancel subscription").click()
    page.get_by_role("link", name="Go back to the shop").click()
    soon(page, state(page).get_by_text("You have Team until"))
