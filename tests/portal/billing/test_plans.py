"""The Plans page in every state of a subscription, for those who pay and those who only look."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User, Workspace
from billing.models import AddOn, Entitlement, Plan, Subscription
from billing.portal.deals import Action, Deal
from tests.cast import give_second_factor
from tests.portal.billing.rows import pay_once, soon, subscribe
from tests.portal.conftest import Login
from tests.portal.test_pages import text

pytestmark = pytest.mark.slow(0.2)

# What a row says, and words that its page must have.
STATES: list[tuple[dict[str, Any], tuple[str, ...]]] = [
    ({}, ("Pro, monthly", "active", "Renews on", "$49 a month", "Cancel the subscription")),
    ({"interval": "year", "monthly_cents": 4083}, ("Pro, yearly", "$40.83 a month in all, billed by the year")),
    ({"status": "trialing", "trial_ends_at": 12}, ("The trial ends on", "nothing is charged")),
    ({"next_plan_id": "free", "next_interval": "month", "next_at": 20}, ("You have Pro until", "Keep Pro")),
    ({"cancels_at": 20}, ("cancelled", "Nothing more is charged", "Resume Pro")),
    (
        {"status": "past_due", "past_due_since": -1, "grace_ends_at": 6},
        ("payment failed", "You keep Pro until", "Pay now"),
    ),
    ({"status": "past_due", "past_due_since": -9, "grace_ends_at": -2}, ("unpaid", "Pay now", "is on Free")),
    (
        {"status": "past_due", "past_due_since": -1, "grace_ends_at": 6, "cancels_at": 20},
        ("payment failed", "cancelled", "Pay now", "the open invoice stays due", "Resume Pro"),
    ),
    (
        {"status": "past_due", "past_due_since": -9, "grace_ends_at": -2, "cancels_at": 20},
        ("unpaid", "cancelled", "the open invoice stays due", "Resume Pro"),
    ),
    ({"status": "paused", "cancels_at": 20}, ("paused", "Nothing more is charged", "Resume Pro")),
    ({"suspended_at": -1, "cancels_at": 20}, ("suspended", "Nothing more is charged", "Resume Pro")),
    ({"status": "incomplete"}, ("not finished", "Pay now")),
    ({"status": "paused"}, ("paused", "no payment method")),
    (
        {"suspended_at": -1, "suspended_because": "The payment was refunded in full"},
        ("suspended", "refunded in full", "Write to us"),
    ),
    ({"cancel_requested_at": -1}, ("being cancelled",)),
    ({"plan_id": None}, ("being checked", "You need not do anything")),
    ({"status": "canceled", "ended_at": -3}, ("Pro ended on", "Nothing was deleted", "Choose Pro")),
]


def moments(values: dict[str, Any]) -> dict[str, Any]:
    """Counts of days as moments."""
    return {
        name: soon(value) if isinstance(value, int) and not name.endswith("cents") else value
        for name, value in values.items()
    }


def deals_of(browser: Client, query: str = "") -> dict[str, Deal]:
    return {deal.plan.name: deal for deal in browser.get(f"/portal/plans/{query}").context["deals"]}


def actions(browser: Client, query: str = "") -> dict[str, str]:
    return {name: deal.action for name, deal in deals_of(browser, query).items()}


@pytest.mark.parametrize(("values", "words"), STATES, ids=lambda value: str(value)[:40])
def test_it_has_words_for_every_state(
    values: dict[str, Any], words: tuple[str, ...], buyer: Client, workspace: Workspace
) -> None:
    subscribe(workspace, **moments(values))
    page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", text(buyer, "/portal/plans/")))
    assert [word for word in words if word not in page] == []


def test_it_compares_all_plans_for_a_newcomer(buyer: Client) -> None:
    assert actions(buyer) == {"free": Action.NONE, "pro": "buy", "team": "buy", "enterprise": "buy"}
    page = text(buyer, "/portal/plans/")
    for words in ("You pay nothing", "Your plan", "<b>$49</b>", "Choose Enterprise", "2,400", "billed monthly"):
        assert words in page


def test_it_switches_to_prices_by_the_year(buyer: Client) -> None:
    page = text(buyer, "/portal/plans/?interval=year")
    for words in ("<b>$40.83</b>", "$490 a year, 16% less", 'name="interval" value="year"'):
        assert words in page
    assert buyer.get("/portal/plans/?interval=week").context["interval"] == "month"


def test_it_opens_at_the_interval_that_is_paid(buyer: Client, workspace: Workspace) -> None:
    subscribe(workspace, interval="year")
    assert buyer.get("/portal/plans/").context["interval"] == "year"


def test_it_offers_no_plan_that_has_no_price(buyer: Client) -> None:
    Plan.objects.filter(name="team").update(price_id_year="")
    assert actions(buyer, "?interval=year")["team"] == Action.NONE
    assert "Not sold by the year" in text(buyer, "/portal/plans/?interval=year")
    assert actions(buyer)["team"] == Action.BUY


def test_it_offers_nothing_for_nothing(buyer: Client) -> None:
    """The price in Stripe is still the old one."""
    Plan.objects.filter(name="team").update(price_year_cents=0)
    assert actions(buyer, "?interval=year")["team"] == Action.NONE
    assert "Not sold by the year" in text(buyer, "/portal/plans/?interval=year")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"free": "cancel", "pro": "downgrade", "team": "none", "enterprise": "upgrade"}),
        ("?interval=year", {"free": "cancel", "pro": "downgrade", "team": "switch", "enterprise": "upgrade"}),
    ],
)
def test_it_offers_the_ways_up_and_down(
    query: str, expected: dict[str, str], buyer: Client, workspace: Workspace
) -> None:
    subscribe(workspace, "team")
    assert actions(buyer, query) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"next_plan_id": "pro", "next_interval": "month", "next_at": 9}, {"pro": "none", "team": "keep"}),
        ({"cancels_at": 9}, {"free": "none", "pro": "none", "team": "resume", "enterprise": "none"}),
        (
            {"status": "past_due", "grace_ends_at": 3, "cancels_at": 9},
            {"free": "none", "pro": "none", "team": "resume", "enterprise": "none"},
        ),
        ({"cancel_requested_at": -1, "cancels_at": 9}, {"free": "none", "team": "none"}),
        ({"status": "past_due", "grace_ends_at": 3}, {"free": "cancel", "pro": "none", "enterprise": "none"}),
        ({"suspended_at": -1}, {"free": "cancel", "pro": "none", "enterprise": "none"}),
        ({"cancel_requested_at": -1}, {"free": "none", "pro": "none", "enterprise": "none"}),
    ],
    ids=lambda value: str(value)[:30],
)
def test_it_offers_only_what_a_state_allows(
    values: dict[str, Any], expected: dict[str, str], buyer: Client, workspace: Workspace
) -> None:
    subscribe(workspace, "team", **moments(values))
    found = actions(buyer)
    assert {name: found[name] for name in expected} == expected


def test_it_marks_the_plan_that_follows(buyer: Client, workspace: Workspace) -> None:
    subscribe(workspace, "team", **moments({"next_plan_id": "pro", "next_at": 9}))
    assert [name for name, deal in deals_of(buyer).items() if deal.is_next] == ["pro"]


def test_it_offers_a_trial_once(buyer: Client, workspace: Workspace) -> None:
    Plan.objects.filter(name="pro").update(trial_days=14)
    assert "Try Pro for 14 days" in text(buyer, "/portal/plans/")
    subscribe(workspace, status="canceled")
    assert "Choose Pro" in text(buyer, "/portal/plans/")


def test_it_says_what_we_have_granted(buyer: Client, workspace: Workspace) -> None:
    ends_at = timezone.now() + timedelta(days=30)
    Entitlement.objects.create(workspace=workspace, plan_id="team", reason="a friend", ends_at=ends_at)
    assert "We have granted you this plan until" in text(buyer, "/portal/plans/")
    assert deals_of(buyer)["team"].is_current


def test_it_tells_a_plan_in_force_from_one_that_is_paid(buyer: Client, workspace: Workspace) -> None:
    subscribe(workspace, "pro")
    ends_at = timezone.now() + timedelta(days=30)
    Entitlement.objects.create(workspace=workspace, plan_id="team", reason="a friend", ends_at=ends_at)
    assert "We have granted you Team besides" in text(buyer, "/portal/plans/")
    deals = deals_of(buyer)
    assert (deals["team"].is_current, deals["pro"].is_current, deals["pro"].is_subscribed) == (True, False, True)


def test_it_lets_a_member_look_and_press_nothing(colleague: Client, workspace: Workspace) -> None:
    subscribe(workspace, "pro")
    page = text(colleague, "/portal/plans/")
    assert "Owners and admins choose the plan" in page
    assert set(actions(colleague).values()) == {Action.NONE}
    for word in ("Payment method", "Cancel the subscription", "/plans/buy/", "/plans/packs/"):
        assert word not in page


def test_it_lets_staff_look_and_press_nothing(rita: User, workspace: Workspace, login: Login) -> None:
    subscribe(workspace, "pro")
    give_second_factor(rita)
    browser = login(rita)
    session = browser.session
    session["acting_as"] = workspace.pk
    session.save()
    assert "while you look as staff" in text(browser, "/portal/plans/")
    assert browser.get("/portal/plans/invoices/").status_code == 403


def test_it_says_that_nothing_was_bought(buyer: Client) -> None:
    assert "Nothing was bought" in text(buyer, "/portal/plans/?cancelled=1")


@pytest.mark.parametrize("path", ["/portal/plans/", "/portal/"])
def test_it_says_that_payments_are_a_test(path: str, buyer: Client, settings: Any) -> None:
    assert "Test payments" in text(buyer, path)
    settings.STRIPE_LIVE_MODE = True
    assert "Test payments" not in text(buyer, path)
    assert "4242" not in text(buyer, path)


# Packs ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def shelf(db: None) -> None:
    """A pack of each kind on sale."""
    AddOn.objects.filter(name="alerts-10").update(price_id="price_a", price_id_year="price_ay")
    AddOn.objects.filter(name="history-year").update(price_id="price_h")


def test_it_sells_packs_with_a_plan(buyer: Client, workspace: Workspace, shelf: None) -> None:
    assert "once you have chosen one" in text(buyer, "/portal/plans/")
    assert "many-alerts-10" not in text(buyer, "/portal/plans/")
    subscribe(workspace)
    page = text(buyer, "/portal/plans/")
    assert "$9 a month each" in page
    assert "many-alerts-10" in page
    assert "50 more alerts" not in page


def test_it_prices_packs_like_the_plan_that_they_are_billed_with(
    buyer: Client, workspace: Workspace, shelf: None
) -> None:
    subscribe(workspace, interval="year")
    assert "$90 a year each" in text(buyer, "/portal/plans/?interval=month")


def test_it_shows_how_many_packs_there_are(buyer: Client, workspace: Workspace, shelf: None) -> None:
    row = subscribe(workspace)
    pay_once(workspace, "alerts-10", payment_id="", subscription=row, quantity=3)
    AddOn.objects.update(is_active=False)
    page = text(buyer, "/portal/plans/")
    assert "you have 3" in page
    assert "A year of history" not in page


def test_it_sells_what_is_paid_once_to_everybody(buyer: Client, workspace: Workspace, shelf: None) -> None:
    assert "$99 once, for 1 year" in text(buyer, "/portal/plans/")
    pay_once(workspace, "history-year", ends_at=soon(300))
    page = text(buyer, "/portal/plans/")
    assert "in force until" in page
    assert "Buy again" in page


def test_it_does_not_sell_what_the_plan_has_by_itself(buyer: Client, workspace: Workspace, shelf: None) -> None:
    subscribe(workspace, plan="pro")
    assert "Buy" in text(buyer, "/portal/plans/")
    Subscription.objects.all().delete()
    for plan in ("team", "enterprise"):
        Entitlement.objects.all().delete()
        subscribe(workspace, plan=plan)
        page = text(buyer, "/portal/plans/")
        assert "Your plan includes as much already" in page
        assert "Buy" not in page


def test_it_shows_no_packs_of_others(
    buyer: Client, workspace: Workspace, strangers_workspace: Workspace, shelf: None
) -> None:
    pay_once(strangers_workspace, "history-year")
    assert "in force" not in text(buyer, "/portal/plans/")
