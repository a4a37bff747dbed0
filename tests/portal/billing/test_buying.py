"""From the Plans page over Stripe's pages and back, against the sandbox."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import Workspace
from billing import limits
from billing.models import Subscription
from billing.payments import process
from tests.billing.buying.conftest import shop
from tests.billing.payments import telling
from tests.billing.sandbox.browser import visit
from tests.billing.sandbox.fixture import GOOD_CARD, Sandbox
from tests.portal.billing.test_notices import words
from tests.portal.test_pages import text

pytestmark = pytest.mark.slow(1)

__all__ = ["shop"]
FAILS_LATER = "4000000000000341"
AWAY = re.compile(r'http-equiv="refresh" content="0; url=([^"]+)"')
FIELD = re.compile(r'name="(token|nonce)" value="([^"]+)"')


@pytest.fixture
def till(buyer: Client, shop: Sandbox) -> Sandbox:
    """A shop whose events wait until the test delivers them."""
    shop.hold()
    return shop


@pytest.fixture
def paying(buyer: Client, till: Sandbox) -> Client:
    """Olivia, who has bought Pro by the month."""
    buy(buyer, till)
    return buyer


def away(answer: Any) -> str:
    """Where a page that leaves the portal leads to."""
    found = AWAY.search(answer.content.decode())
    assert found, answer.content.decode()[:2000]
    return html.unescape(found[1])


def deliver(sandbox: Sandbox) -> None:
    """Bring our receiver all that Stripe has to tell."""
    for _, body, signature in sandbox.pending():
        assert telling.post(Client(), body.encode(), signature).status_code == 200
    process.work()


def buy(browser: Client, sandbox: Sandbox, card: str = GOOD_CARD, **order: str) -> str:
    """Choose something and pay for it; the path on the portal to which Stripe sends the buyer back."""
    wanted = order or {"plan": "pro", "interval": "month"}
    kind = "packs/buy" if "add_on" in wanted else "buy"
    page = sandbox.pay(away(browser.post(f"/portal/plans/{kind}/", {**wanted, "nonce": "once"})), card)
    deliver(sandbox)
    return page.url.partition("//")[2].partition("/")[2]


def fields(page: str) -> dict[str, str]:
    """The hidden words of the form that confirms."""
    return {name: html.unescape(value) for name, value in FIELD.findall(page)}


def plan_of(workspace: Workspace) -> str:
    return limits.terms_of(workspace).plan


# Buying -----------------------------------------------------------------------------------------------------------


def test_it_sells_a_plan_by_the_year(buyer: Client, till: Sandbox, workspace: Workspace) -> None:
    back = buy(buyer, till, plan="pro", interval="year")
    row = Subscription.objects.for_workspace(workspace).get()
    assert (row.plan_id, row.interval, row.status) == ("pro", "year", "active")
    assert plan_of(workspace) == "pro"
    assert back.startswith("portal/plans/done/?for=pro&session_id=cs_")
    assert "Pro is yours" in text(buyer, f"/{back}")


def test_it_goes_to_the_same_payment_page_when_a_form_is_sent_twice(buyer: Client, till: Sandbox) -> None:
    order = {"plan": "pro", "interval": "month", "nonce": "once"}
    assert away(buyer.post("/portal/plans/buy/", order)) == away(buyer.post("/portal/plans/buy/", order))
    assert away(buyer.post("/portal/plans/buy/", {**order, "plan": "team"}))


def test_it_sells_no_second_plan(paying: Client) -> None:
    page = text(paying, "/portal/plans/buy/", plan="team", interval="month")
    assert "has a subscription" in page


@pytest.mark.parametrize("order", [{}, {"plan": "gold"}, {"plan": "pro", "interval": "week"}], ids=str)
def test_it_says_what_cannot_be_bought(order: dict[str, str], buyer: Client) -> None:
    assert "Choose one of" in text(buyer, "/portal/plans/buy/", nonce="x", **order)


def test_it_says_when_stripe_is_away(buyer: Client, till: Sandbox, paying: Client) -> None:
    till.down("500")
    for path in ("change/?plan=team&interval=month", "packs/?add_on=seat&quantity=1", "pay/", "invoices/in_1/"):
        page = paying.get(f"/portal/plans/{path}", follow=True)
        assert page.status_code == 200, path
    assert "away" in text(paying, "/portal/plans/payment/", nonce="x")


# Moving -----------------------------------------------------------------------------------------------------------


def test_it_shows_what_an_upgrade_costs_and_makes_it(paying: Client, till: Sandbox, workspace: Workspace) -> None:
    page = text(paying, "/portal/plans/change/?plan=team&interval=month")
    for word in ("Move to Team", "Due now", "then every month", "What changes", "2,400"):
        assert word in page
    assert "You are on Team now" in text(paying, "/portal/plans/change/", **fields(page))
    assert plan_of(workspace) == "team"


def test_it_plans_a_downgrade_and_takes_it_back(paying: Client, workspace: Workspace) -> None:
    text(paying, "/portal/plans/change/", **fields(text(paying, "/portal/plans/change/?plan=team&interval=month")))
    page = text(paying, "/portal/plans/change/?plan=pro&interval=month")
    assert "Nothing is due now" in page
    assert "then Pro, monthly, begins" in words(page)
    assert "Nothing is deleted" in page
    after = text(paying, "/portal/plans/change/", **fields(page))
    assert "You keep what you have until" in after
    assert "Keep Team" in after
    assert plan_of(workspace) == "team"
    assert "You stay on Team" in text(paying, "/portal/plans/keep/", nonce="x")


def test_it_keeps_the_plan_when_the_upgrade_is_declined(buyer: Client, till: Sandbox, workspace: Workspace) -> None:
    buy(buyer, till, FAILS_LATER, plan="pro", interval="month")
    page = text(buyer, "/portal/plans/change/?plan=team&interval=month")
    after = text(buyer, "/portal/plans/change/", **fields(page))
    assert "declined" in after
    assert plan_of(workspace) == "pro"


@pytest.mark.parametrize(
    "query", ["", "?plan=gold&interval=month", "?plan=pro&interval=month", "?plan=team&interval=week"]
)
def test_it_goes_back_when_there_is_nothing_to_move_to(query: str, paying: Client) -> None:
    answer = paying.get(f"/portal/plans/change/{query}", follow=True)
    assert answer.redirect_chain == [("/portal/plans/", 302)]
    assert "p-toast error" in answer.content.decode()


def test_it_refuses_a_token_that_was_made_up(paying: Client, workspace: Workspace) -> None:
    assert "p-toast error" in text(paying, "/portal/plans/change/", token="x")
    assert plan_of(workspace) == "pro"


# Ending -----------------------------------------------------------------------------------------------------------


def test_it_cancels_at_the_end_of_what_is_paid_and_takes_it_back(paying: Client, workspace: Workspace) -> None:
    page = text(paying, "/portal/plans/cancel/")
    for word in ("You keep Pro until", "From Pro to Free", "Nothing is deleted"):
        assert word in page
    after = words(text(paying, "/portal/plans/cancel/", **fields(page)))
    assert "Nothing more will be charged" in after
    assert "Resume Pro" in after
    assert plan_of(workspace) == "pro"
    assert "is cancelled already" in text(paying, "/portal/plans/cancel/")
    assert "goes on as before" in text(paying, "/portal/plans/resume/", nonce="x")
    assert Subscription.objects.get().cancels_at is None


def test_it_says_what_a_cancellation_leaves_open_and_takes_it_back(
    buyer: Client, till: Sandbox, workspace: Workspace
) -> None:
    buy(buyer, till, FAILS_LATER, plan="pro", interval="month")
    till.advance(days=32)
    deliver(till)
    page = text(buyer, "/portal/plans/cancel/")
    assert "the open invoice stays due" in words(page)
    assert "longer only if the open invoice is paid by then" in words(page)
    after = words(text(buyer, "/portal/plans/cancel/", **fields(page)))
    assert "The open invoice stays due" in after
    assert "Nothing more will be charged" not in after
    assert "Resume Pro" in after
    assert "goes on as before" in text(buyer, "/portal/plans/resume/", nonce="x")
    assert Subscription.objects.get().cancels_at is None


def test_it_says_when_the_plan_is_over(paying: Client, till: Sandbox, workspace: Workspace) -> None:
    paying.post("/portal/plans/cancel/", {"nonce": "x"})
    till.advance(days=32)
    deliver(till)
    page = text(paying, "/portal/plans/")
    assert "Pro ended" in words(page)
    assert "Choose Pro" in page
    assert plan_of(workspace) == "free"


def test_it_has_nothing_to_cancel_on_free(buyer: Client) -> None:
    assert "has no subscription" in text(buyer, "/portal/plans/cancel/")


# Packs ------------------------------------------------------------------------------------------------------------


def test_it_adds_packs_after_showing_what_they_cost(paying: Client, workspace: Workspace) -> None:
    page = text(paying, "/portal/plans/packs/?add_on=alerts-10&quantity=2")
    assert "2 × 10 more alerts" in page
    assert "Your packs are changed" in text(paying, "/portal/plans/packs/", **fields(page))
    assert limits.terms_of(workspace).alerts == 40
    assert "you have 2" in text(paying, "/portal/plans/")


def test_it_says_what_a_smaller_plan_costs_with_the_packs_beside_it(paying: Client) -> None:
    # Pro by the year is paid, so that the month is less.
    text(paying, "/portal/plans/change/", **fields(text(paying, "/portal/plans/change/?plan=pro&interval=year")))
    assert "at $49 a month. Until" in words(text(paying, "/portal/plans/change/?plan=pro&interval=month"))
    text(paying, "/portal/plans/packs/", **fields(text(paying, "/portal/plans/packs/?add_on=alerts-10&quantity=2")))
    page = words(text(paying, "/portal/plans/change/?plan=pro&interval=month"))
    assert "at $67 a month, packs and taxes included. Until" in page


def test_it_sells_a_pack_that_is_paid_once(buyer: Client, till: Sandbox, workspace: Workspace) -> None:
    back = buy(buyer, till, add_on="history-year")
    assert "“A year of history” is yours" in text(buyer, f"/{back}")
    assert limits.terms_of(workspace).history_days == 365


@pytest.mark.parametrize("query", ["", "?add_on=seat", "?add_on=seat&quantity=-1", "?add_on=seat&quantity=101"])
def test_it_goes_back_when_a_number_makes_no_sense(query: str, paying: Client) -> None:
    assert "p-toast error" in text(paying, f"/portal/plans/packs/{query}")


def test_it_knows_no_pack_of_that_name(paying: Client) -> None:
    assert paying.get("/portal/plans/packs/?add_on=gold&quantity=1").status_code == 404


# Paying -----------------------------------------------------------------------------------------------------------


def test_it_lists_invoices_and_leads_to_their_pdf(paying: Client, till: Sandbox) -> None:
    answer = paying.get("/portal/plans/invoices/")
    (row,) = answer.context["found"].rows
    assert "$49" in answer.content.decode()
    assert paying.get(f"/portal/plans/invoices/{row.id}/")["Location"] == row.pdf_url


def test_it_leads_to_the_payment_method(paying: Client, till: Sandbox) -> None:
    assert away(paying.post("/portal/plans/payment/")).startswith(till.url)


def test_it_leads_to_the_open_invoice_when_a_payment_failed(buyer: Client, till: Sandbox, workspace: Workspace) -> None:
    buy(buyer, till, FAILS_LATER, plan="pro", interval="month")
    till.advance(days=32)
    deliver(till)
    assert "The last payment failed" in text(buyer, "/portal/")
    (open_one,) = (row for row in buyer.get("/portal/plans/invoices/").context["found"].rows if row.status == "open")
    way = buyer.get("/portal/plans/pay/")["Location"]
    assert way == open_one.hosted_url
    page = visit(way)
    page.submit(page.form_with("card"), card=GOOD_CARD)
    deliver(till)
    assert "p-news" not in text(buyer, "/portal/")
    assert "Renews on" in text(buyer, "/portal/plans/")


def test_it_has_nothing_to_pay_while_all_is_paid(paying: Client) -> None:
    assert paying.get("/portal/plans/pay/")["Location"] == "/portal/plans/"
