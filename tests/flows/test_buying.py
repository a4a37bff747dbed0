"""Buying, changing and losing a plan on the real parts: portal, webhooks, worker, gate, and a Stripe for tests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Locator, Page, expect

from accounts.models import User, Workspace
from gateway.keys.services import create_key
from tests.accounts.conftest import PASSWORD
from tests.accounts.letters import letter_to
from tests.accounts.test_browser import sign_up
from tests.billing.sandbox.fixture import GOOD_CARD
from tests.flows.client import Client, eventually
from tests.flows.conftest import Market
from tests.portal.conftest import Login, login
from tests.portal.test_look import enter

__all__ = ["login"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Deadlines that the product promises, polled up to three times as long.
USABLE_SECONDS = 3 * 5
FAILS_LATER = "4000000000000341"
FREE, PRO, TEAM = ("free", 60), ("pro", 600), ("team", 2400)
SECRET = re.compile(r"md_live_[0-9A-Za-z]{38}")
# A month or a year and a bit, so that the renewal and its first payment have happened.
MONTH, YEAR = 31.5, 366.5
# The three more tries of a failed payment come after 3, 5 and 7 days.
DUNNING = 16


@pytest.fixture
def complaints(page: Page) -> Iterator[list[str]]:
    """What the browser complained about; a script or form refused by the policy would be here."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("console", lambda line: found.append(line.text) if line.type == "error" else None)
    yield found
    assert [line for line in found if "404 (Not Found)" not in line] == []


@pytest.fixture
def client(market: Market, workspace: Workspace, olivia: User) -> Client:
    """Olivia's program, whose key she made while she was on free."""
    client = Client(market.site, create_key(workspace=workspace, actor=olivia, name="Bot", scopes=["data"])[1])
    assert client.plan() == FREE
    return client


@pytest.fixture
def at_plans(
    page: Page, market: Market, workspace: Workspace, olivia: User, login: Login, complaints: list[str]
) -> Page:
    """Olivia's browser, on the page with the plans."""
    enter(page, market.site, login(olivia))
    page.goto(f"{market.site}/portal/")
    open_plans(page)
    return page


def open_plans(page: Page) -> None:
    page.get_by_role("link", name="Plans", exact=True).first.click()


def deal(page: Page, plan: str) -> Locator:
    """What the page offers of one plan."""
    return page.get_by_role("article", name=plan, exact=True)


def state(page: Page) -> Locator:
    """What the page says of the subscription."""
    return page.locator("section[aria-labelledby=state]")


def pay(page: Page, card: str = GOOD_CARD) -> None:
    """Fill in the page of the payment provider."""
    page.get_by_label("Card number").fill(card)
    page.get_by_role("button", name=re.compile("^(Subscribe|Pay) ")).click()


def buy(page: Page, plan: str, card: str = GOOD_CARD) -> None:
    """Choose a plan, pay, and come back to where it is said to be in force."""
    deal(page, plan).get_by_role("button", name=f"Choose {plan}").click()
    pay(page, card)
    expect(page.get_by_role("heading", name=f"{plan} is yours")).to_be_visible(timeout=USABLE_SECONDS * 1000)
    open_plans(page)


def reveal(page: Page) -> str:
    """The key that came with the plan, which the page shows this once."""
    page.get_by_role("button", name="Reveal the key").click()
    secret = page.get_by_label("API key", exact=True).input_value()
    assert SECRET.fullmatch(secret)
    page.reload()
    assert secret not in page.content()
    return secret


def soon(page: Page, locator: Locator) -> None:
    """Load the page again until it shows something: the news of it comes by webhook."""

    def shown() -> bool:
        page.reload()
        return locator.is_visible()

    assert eventually(shown, USABLE_SECONDS, every=0.5), page.locator("main").inner_text()


def is_soon(client: Client, plan: tuple[str, int]) -> bool:
    return eventually(lambda: client.plan() == plan, USABLE_SECONDS, every=0.2)


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
    expect(page.get_by_role("heading", name="Pro is yours")).to_be_visible(timeout=USABLE_SECONDS * 1000)

    client = Client(market.site, reveal(page))
    assert is_soon(client, PRO)
    open_plans(page)
    expect(state(page)).to_contain_text("Pro, yearly")
    expect(state(page)).to_contain_text("Renews on")
    expect(page.get_by_role("button", name="Reveal the key")).to_have_count(0)
    page.get_by_role("link", name="Invoices").click()
    row = page.locator("tbody tr").filter(has_text="paid")
    expect(row).to_contain_text("$490")
    with page.expect_download() as download:
        row.get_by_role("link", name=re.compile("PDF")).click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")


def test_it_takes_pro_away_when_it_is_not_paid_and_gives_it_back_when_it_is(
    at_plans: Page, market: Market, client: Client, mail_folder: Path
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


def test_it_brings_what_a_stranger_bought_into_their_account_by_letter(
    page: Page, market: Market, mail_folder: Path, complaints: list[str]
) -> None:
    made = requests.post(
        f"{market.site}/billing/create-checkout-session",
        json={"plan": "pro", "customer_email": "stranger@example.com"},
        timeout=15,
    )
    page.goto(made.json()["url"])
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
    expect(page.get_by_role("heading", name="Pro is yours")).to_be_visible(timeout=USABLE_SECONDS * 1000)
    assert is_soon(Client(market.site, reveal(page)), PRO)

    again = page.goto(link)
    assert again is not None
    assert again.status == 404
    expect(page.get_by_text("This link was used")).to_be_visible()
