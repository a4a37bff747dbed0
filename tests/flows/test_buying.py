"""Buying on the real parts: portal, webhooks, worker, gate, and a Stripe for tests."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.accounts.conftest import PASSWORD
from tests.accounts.letters import letter_to
from tests.accounts.test_browser import sign_up
from tests.billing.buying.test_demo import Demo
from tests.flows.buyer import (
    ASKS,
    HAS_NO_FUNDS,
    PRO,
    USABLE_MS,
    USABLE_SECONDS,
    buy,
    deal,
    is_soon,
    is_yours,
    open_plans,
    pay,
    reveal,
    state,
)
from tests.flows.client import Client, eventually
from tests.flows.conftest import Market

pytestmark = [pytest.mark.browser, pytest.mark.slow(20)]


def test_it_sells_pro_by_the_year_and_shows_its_key_once(
    page: Page, market: Market, mail_folder: Path, complaints: list[str]
) -> None:
    sign_up(page, market.site, "buyer@example.com", mail_folder)
    open_plans(page)
    expect(state(page)).to_contain_text("You pay nothing.")
    page.get_by_role("link", name="Yearly").click()
    deal(page, "Pro").get_by_role("button", name="Choose Pro").click()
    expect(page.get_by_text("no money moves")).to_be_visible()
    expect(page.get_by_label("E-mail")).to_have_value("buyer@example.com")
    pay(page)
    expect(is_yours(page, "Pro")).to_be_visible(timeout=USABLE_MS)

    assert is_soon(Client(market.site, reveal(page)), PRO)
    open_plans(page)
    expect(state(page)).to_contain_text("Pro, yearly")
    expect(state(page)).to_contain_text("Renews on")
    expect(page.get_by_role("button", name="Reveal the key")).to_have_count(0)
    download_invoice(page)


def download_invoice(page: Page) -> None:
    page.get_by_role("link", name="Invoices").click()
    row = page.locator("tbody tr").filter(has_text="paid")
    expect(row).to_contain_text("$490")
    with page.expect_download() as download:
        row.get_by_role("link", name=re.compile("PDF")).click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")


def test_it_takes_a_second_try_and_a_second_factor(at_plans: Page, client: Client) -> None:
    page = at_plans
    deal(page, "Pro").get_by_role("button", name="Choose Pro").click()
    page.get_by_role("link", name="Cancel and go back").click()
    expect(page.get_by_text("Nothing was bought and nothing was charged.")).to_be_visible()
    deal(page, "Pro").get_by_role("button", name="Choose Pro").click()
    pay(page, HAS_NO_FUNDS)
    expect(page.get_by_role("alert")).to_contain_text("insufficient funds")
    pay(page, ASKS)
    page.get_by_role("button", name="Complete").click()
    expect(is_yours(page, "Pro")).to_be_visible(timeout=USABLE_MS)
    assert is_soon(client, PRO)


def test_it_sells_packs_beside_the_plan_and_without_one(at_plans: Page, client: Client) -> None:
    page = at_plans
    page.get_by_role("button", name="Buy “A year of history”").click()
    pay(page)
    expect(is_yours(page, "A year of history")).to_be_visible(timeout=USABLE_MS)
    assert eventually(lambda: limits_of(client)["history_days"] == 365, USABLE_SECONDS)

    open_plans(page)
    buy(page, "Pro")
    page.get_by_label("How many of “10 more alerts”").fill("2")
    page.get_by_role("button", name="Add “10 more alerts”").click()
    page.get_by_role("button", name="Pay $18").click()
    expect(page.get_by_text("you have 2")).to_be_visible()
    assert eventually(lambda: limits_of(client)["alerts"] == 20 + 2 * 10, USABLE_SECONDS)


def limits_of(client: Client) -> dict[str, int]:
    found: dict[str, int] = client.get("/whoami").json()["limits"]
    return found


def test_it_brings_what_a_stranger_bought_into_their_account_by_letter(
    page: Page, market: Market, mail_folder: Path, demo: Demo, complaints: list[str]
) -> None:
    asked = demo("checkout", BILLING_BASE_URL=market.site, BILLING_CUSTOMER_EMAIL="stranger@example.com")
    page.goto(asked.stdout.split()[-1])
    pay(page)
    expect(page.get_by_text("A letter is on its way")).to_be_visible()

    link = letter_to("stranger@example.com", r"http://\S+/accounts/claim/\S+/", mail_folder)
    assert link.startswith(market.site)
    page.goto(link)
    page.get_by_role("link", name="Create an account").click()
    expect(page.get_by_label("Email")).to_have_value("stranger@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password (again)").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    page.get_by_role("button", name=re.compile("^Bring it")).click()
    expect(is_yours(page, "Pro")).to_be_visible(timeout=USABLE_MS)

    secret = reveal(page)
    assert is_soon(Client(market.site, secret), PRO)
    used = demo("gateway", GATEWAY_BASE_URL=market.site, GATEWAY_API_KEY=secret)
    assert "on the plan pro: 600 requests a minute" in used.stdout

    again = page.goto(link)
    assert again is not None
    assert again.status == 404
    expect(page.get_by_text("This link was used")).to_be_visible()
