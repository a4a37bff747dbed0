"""The customer portal and the pages of invoices, used as a customer would."""

from __future__ import annotations

from typing import Any

import pytest
import requests
import stripe

from tests.billing.sandbox.browser import Page, visit
from tests.billing.sandbox.fixture import GOOD_CARD, Sandbox
from tests.billing.sandbox.shop import Shop

FAILS_LATER = "4000000000000341"
ASKS = "4000002500003155"
BACK = "http://shop.example/plans"


@pytest.fixture
def shop(sandbox: Sandbox) -> Shop:
    return Shop(sandbox)


def configure(shop: Shop, *prices: str) -> None:
    """The portal as the product sets it up."""
    sold = [shop.api.prices.retrieve(price) for price in prices]
    features: Any = {
        "invoice_history": {"enabled": True},
        "payment_method_update": {"enabled": True},
        "subscription_cancel": {"enabled": True, "mode": "at_period_end"},
        "subscription_update": {
            "enabled": True,
            "default_allowed_updates": ["price"],
            "proration_behavior": "always_invoice",
            "products": [{"product": str(price.product), "prices": [price.id]} for price in sold],
            "schedule_at_period_end": {
                "conditions": [{"type": "decreasing_item_amount"}, {"type": "shortening_interval"}]
            },
        },
    }
    shop.api.billing_portal.configurations.create(params={"features": features})


def open_portal(shop: Shop, subscription: Any, **fields: Any) -> Page:
    params = {"customer": str(subscription.customer), "return_url": BACK, **fields}
    return visit(shop.api.billing_portal.sessions.create(params=params).url)


def link(page: Page, part: str) -> Page:
    """Follow the link whose address has this part."""
    return visit(next(url for url in page.links if part in url))


def test_it_needs_a_configuration(shop: Shop) -> None:
    customer = shop.api.customers.create(params={"email": "olivia@example.com"})
    with pytest.raises(stripe.InvalidRequestError, match="portal settings"):
        shop.api.billing_portal.sessions.create(params={"customer": customer.id})


def test_it_cancels_by_a_date(shop: Shop) -> None:
    configure(shop)
    subscription = shop.subscribe(shop.price(4900))
    page = open_portal(shop, subscription)
    assert BACK in page.links
    page = link(page, "/cancel/").press("cancel", subscription.id)
    assert "It ends on" in page.text
    found = shop.subscription(subscription.id)
    # The trap of flexible billing: a date, and not the flag.
    assert (found.cancel_at, found.cancel_at_period_end) == (found["items"].data[0].current_period_end, False)
    page.press("resume", subscription.id)
    assert shop.subscription(subscription.id).cancel_at is None


def test_it_changes_up_now_and_down_later(shop: Shop) -> None:
    cheap, dear = shop.price(3000), shop.price(9000, name="Quant")
    configure(shop, cheap, dear)
    subscription = shop.subscribe(cheap)
    page = link(open_portal(shop, subscription), "/change/")
    page = page.submit(page.form_with("price"), price=dear)
    assert "Quant" in page.text
    assert shop.subscription(subscription.id)["items"].data[0].price.id == dear
    assert shop.invoices(subscription.id)[-1].billing_reason == "subscription_update"
    page = link(page, "/change/")
    page = page.submit(page.form_with("price"), price=cheap)
    assert "then as Pro" in page.text
    assert shop.subscription(subscription.id)["items"].data[0].price.id == dear
    shop.sandbox.advance(days=32)
    assert shop.subscription(subscription.id)["items"].data[0].price.id == cheap


def test_it_takes_a_new_card_and_pays_what_is_open(shop: Shop) -> None:
    configure(shop)
    subscription = shop.subscribe(shop.price(4900), card=FAILS_LATER)
    shop.sandbox.advance(days=32)
    page = open_portal(shop, subscription)
    assert "It is past due" in page.text
    page = link(page, "/card")
    page = page.submit(page.form_with("card"), card=GOOD_CARD)
    assert "ending in 4242" in page.text
    assert shop.subscription(subscription.id).status == "past_due"
    invoice = shop.invoices(subscription.id)[-1]
    page.press("pay", str(invoice.id))
    assert shop.subscription(subscription.id).status == "active"


@pytest.mark.parametrize(("factor", "last4"), [("complete", "3155"), ("fail", "4242")])
def test_it_asks_for_the_new_cards_factor(shop: Shop, factor: str, last4: str) -> None:
    configure(shop)
    subscription = shop.subscribe(shop.price(4900))
    page = link(open_portal(shop, subscription), "/card")
    page.submit(page.form_with("card"), card=ASKS).press("factor", factor)
    method = str(shop.subscription(subscription.id).default_payment_method)
    assert shop.api.payment_methods.retrieve(method).card["last4"] == last4


def test_it_leads_straight_to_the_card(shop: Shop) -> None:
    configure(shop)
    subscription = shop.subscribe(shop.price(4900))
    flow = {
        "type": "payment_method_update",
        "after_completion": {"type": "redirect", "redirect": {"return_url": BACK}},
    }
    page = open_portal(shop, subscription, flow_data=flow)
    assert page.url.endswith("/card")
    declined = page.submit(page.form_with("card"), card="4000000000000002")
    assert declined.status == 402
    assert page.submit(page.form_with("card"), card=GOOD_CARD).url == BACK


def test_it_shows_nobody_elses_things(shop: Shop) -> None:
    configure(shop)
    subscription = shop.subscribe(shop.price(4900))
    other = shop.subscribe(shop.price(4900), customer_email="max@example.com")
    page = open_portal(shop, subscription)
    assert other.id not in page.text
    assert visit(f"{page.url}/cancel/{other.id}").status == 404
    assert requests.post(f"{page.url}/pay/{other.latest_invoice}", timeout=10).status_code == 404
    shop.sandbox.advance(seconds=3700)
    assert "expired" in visit(page.url).text


@pytest.mark.parametrize(
    ("card", "status"), [(GOOD_CARD, "active"), ("4000000000009995", "past_due"), (ASKS, "active")]
)
def test_it_pays_an_invoice_on_its_page(shop: Shop, card: str, status: str) -> None:
    subscription = shop.subscribe(shop.price(4900), card=FAILS_LATER)
    shop.sandbox.advance(days=32)
    invoice = shop.invoices(subscription.id)[-1]
    shop.sandbox.pay(str(invoice.hosted_invoice_url), card)
    assert shop.subscription(subscription.id).status == status


def test_it_prints_an_invoice(shop: Shop) -> None:
    subscription = shop.subscribe(shop.price(4900))
    invoice = shop.invoices(subscription.id)[0]
    assert str(invoice.number) in visit(str(invoice.hosted_invoice_url)).text
    answer = requests.get(str(invoice.invoice_pdf), timeout=10)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-1.4")
    assert b"$49.00" in answer.content
    charge = shop.api.charges.list().data[0]
    assert "Visa ending in 4242" in visit(str(charge.receipt_url)).text
