"""What a buyer does in the portal and on the pages of the payment provider."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.billing.sandbox.fixture import GOOD_CARD
from tests.flows.client import Client, eventually

# What the product promises between paying and the new limits, polled up to three times as long.
USABLE_SECONDS = 3 * 5
USABLE_MS = USABLE_SECONDS * 1000
FREE, PRO, TEAM = ("free", 60), ("pro", 600), ("team", 2400)
# A month and a bit: the renewal and its first payment have happened.
MONTH = 31.5
FAILS_LATER, HAS_NO_FUNDS, ASKS = "4000000000000341", "4000000000009995", "4000002500003155"
SECRET = re.compile(r"md_live_[0-9A-Za-z]{38}")


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


def is_yours(page: Page, what: str) -> Locator:
    """What the return page says once that which was bought is in force."""
    return page.get_by_role("heading", name=re.compile(f"^“?{what}”? is yours$"))


def buy(page: Page, plan: str, card: str = GOOD_CARD) -> None:
    """Choose a plan, pay, and come back to where it is said to be in force."""
    deal(page, plan).get_by_role("button", name=f"Choose {plan}").click()
    pay(page, card)
    expect(is_yours(page, plan)).to_be_visible(timeout=USABLE_MS)
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
