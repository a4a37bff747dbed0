"""The hosted pages in a real browser: readable by everybody in both themes and at phone width, usable by keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.axe import WCAG, told, violations
from tests.billing.sandbox.fixture import GOOD_CARD, Sandbox
from tests.billing.sandbox.shop import Shop
from tests.billing.sandbox.test_engine_portal import configure

pytestmark = [pytest.mark.browser, pytest.mark.slow(10)]

PHONE, DESK = 360, 1280
FAILS_LATER = "4000000000000341"
DECLINED, ASKS = "4000000000009995", "4000002500003155"


@pytest.fixture
def shop(sandbox: Sandbox) -> Shop:
    return Shop(sandbox)


def hosted(shop: Shop) -> dict[str, str]:
    """The address of one page of each kind."""
    cheap, dear = shop.price(3000), shop.price(9000, name="Quant")
    configure(shop, cheap, dear)
    late = shop.subscribe(cheap, card=FAILS_LATER)
    paid = shop.session(cheap)
    shop.sandbox.pay(str(paid.url))
    shop.sandbox.advance(days=32)
    portal = shop.api.billing_portal.sessions.create(
        params={"customer": late.customer, "return_url": "http://shop.example/"}
    ).url
    old = shop.session(cheap)
    shop.api.checkout.sessions.expire(old.id)
    return {
        "index": f"{shop.sandbox.url}/",
        "checkout": shop.session(cheap, allow_promotion_codes=True, automatic_tax={"enabled": True}).url,
        "paid": paid.url,
        "expired": old.url,
        "portal": portal,
        "card": f"{portal}/card",
        "cancel": f"{portal}/cancel/{late.id}",
        "change": f"{portal}/change/{late.id}",
        "invoice": shop.invoices(late.id)[-1].hosted_invoice_url,
        "receipt": shop.api.charges.list().data[-1].receipt_url,
        "nothing": f"{shop.sandbox.url}/i/in_nothing",
    }


def faults(page: Page) -> list[str]:
    """What axe finds on the open page, and whether it is wider than the window."""
    expect(page.locator("h1")).to_be_visible()
    found = told(violations(page, WCAG))
    width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return found + ([f"{width} px too wide"] if width > 0 else [])


def test_it_is_readable_by_everybody(shop: Shop, page: Page) -> None:
    wrong: dict[str, list[str]] = {}
    for name, url in hosted(shop).items():
        for scheme in ("light", "dark"):
            for width in (PHONE, DESK):
                page.emulate_media(color_scheme=scheme)
                page.set_viewport_size({"width": width, "height": 800})
                page.goto(url)
                expect(page.get_by_text("no money moves")).to_be_visible()
                wrong |= {f"{name} {scheme} {width}": found} if (found := faults(page)) else {}
    assert wrong == {}


def test_it_is_paid_by_keyboard(shop: Shop, page: Page) -> None:
    session = shop.session(shop.price(3000), success_url=f"{shop.sandbox.url}/ready")
    page.goto(str(session.url))
    page.get_by_label("Card number").focus()
    page.keyboard.type(DECLINED)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("Your card has insufficient funds.")
    assert faults(page) == []
    page.get_by_label("Card number").fill(ASKS)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your bank asks")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("button", name="Fail").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("unable to authenticate")
    page.get_by_label("Card number").fill(GOOD_CARD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/ready")
