"""Buying on the real parts when it is not the plain way: a trial, a code, bad webhooks, money back, Stripe away."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Workspace
from billing.models import Plan, Subscription
from tests.flows.buyer import FAILS_LATER, FREE, MONTH, PRO, USABLE_MS, buy, deal, is_soon, is_yours, pay, soon, state
from tests.flows.client import Client, eventually
from tests.flows.conftest import Market

pytestmark = [pytest.mark.browser, pytest.mark.slow(20)]

CANCELLED_SECONDS = 3 * 5


def test_it_bears_webhooks_that_come_twice_and_in_any_order(at_plans: Page, market: Market, client: Client) -> None:
    page = at_plans
    market.sandbox.webhooks(duplicate=True, shuffle=True)
    buy(page, "Pro", FAILS_LATER)
    market.sandbox.advance(days=MONTH)
    soon(page, page.get_by_text("The payment of"))
    market.sandbox.advance(days=16)
    assert is_soon(client, FREE)
    soon(page, state(page).get_by_text("Nothing was deleted"))
    buy(page, "Pro")
    assert is_soon(client, PRO)


def test_it_begins_with_a_trial(at_plans: Page, market: Market, client: Client) -> None:
    page = at_plans
    Plan.objects.filter(name="pro").update(trial_days=14)
    page.reload()
    deal(page, "Pro").get_by_role("button", name="Try Pro for 14 days").click()
    page.get_by_label("Card number").fill("4242424242424242")
    page.get_by_role("button", name=re.compile("^(Start|Subscribe)")).click()
    expect(is_yours(page, "Pro")).to_be_visible(timeout=USABLE_MS)
    assert is_soon(client, PRO)
    page.goto(f"{market.site}/portal/plans/")
    expect(state(page)).to_contain_text("The trial ends on")
    market.sandbox.advance(days=14.5)
    soon(page, state(page).get_by_text("Renews on"))
    assert client.plan() == PRO


def test_it_takes_a_promotion_code(at_plans: Page, market: Market, client: Client) -> None:
    page, api = at_plans, market.sandbox.api.v1
    coupon = api.coupons.create({"percent_off": 50, "duration": "once"})
    api.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "HALF"})
    deal(page, "Pro").get_by_role("button", name="Choose Pro").click()
    page.get_by_label("Promotion code").fill("HALF")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("table")).to_contain_text("$24.50")
    pay(page)
    expect(is_yours(page, "Pro")).to_be_visible(timeout=USABLE_MS)
    page.goto(f"{market.site}/portal/plans/invoices/")
    soon(page, page.get_by_text("$24.50"))


def test_it_takes_the_plan_away_when_all_money_goes_back(at_plans: Page, market: Market, client: Client) -> None:
    page, api = at_plans, market.sandbox.api.v1
    buy(page, "Pro")
    assert is_soon(client, PRO)
    api.refunds.create({"charge": api.charges.list().data[0].id})
    assert is_soon(client, FREE)
    soon(page, state(page).get_by_text("is suspended"))


def test_it_says_that_stripe_is_away(at_plans: Page, market: Market, client: Client) -> None:
    page = at_plans
    market.sandbox.down("500")
    deal(page, "Pro").get_by_role("button", name="Choose Pro").click()
    expect(page.get_by_role("alert")).to_contain_text("try again", ignore_case=True)
    market.sandbox.up()
    buy(page, "Pro")
    assert is_soon(client, PRO)


def test_it_ends_what_a_closed_workspace_pays(
    at_plans: Page, market: Market, client: Client, workspace: Workspace
) -> None:
    page = at_plans
    buy(page, "Pro")
    page.goto(f"{market.site}/portal/settings/close/")
    expect(page.get_by_text("The subscription to Pro is cancelled at once")).to_be_visible()
    page.get_by_label(re.compile("to confirm")).fill(workspace.name)
    page.get_by_role("button", name="Close this workspace").click()
    expect(page.get_by_role("heading", name=f"{workspace.name} is closed")).to_be_visible()
    (row,) = market.sandbox.api.v1.subscriptions.list({"status": "all"}).data
    assert eventually(
        lambda: market.sandbox.api.v1.subscriptions.retrieve(row.id).status == "canceled", CANCELLED_SECONDS
    )
    assert eventually(lambda: Subscription.objects.get().status == "canceled", CANCELLED_SECONDS)
