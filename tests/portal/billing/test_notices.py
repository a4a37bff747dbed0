"""What every page says of the subscription, and to whom."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import User, Workspace
from accounts.services import workspaces
from tests.portal.billing.rows import subscribe
from tests.portal.billing.test_plans import moments
from tests.portal.test_pages import text

pytestmark = pytest.mark.slow(0.4)

NOTICES: list[tuple[dict[str, Any], str]] = [
    ({"status": "past_due", "grace_ends_at": 6}, "The last payment failed. Pro stays until"),
    ({"status": "unpaid"}, "The payment is missing and the plan has ended."),
    ({"status": "incomplete"}, "The first payment is not finished."),
    ({"status": "paused"}, "The subscription is paused"),
    ({"suspended_at": -1}, "Pro is suspended."),
    ({"cancels_at": 20}, "Pro ends on"),
    ({"status": "trialing", "trial_ends_at": 3}, "The trial of Pro ends on"),
]
QUIET: list[dict[str, Any]] = [
    {},
    {"cancels_at": 200},
    {"status": "trialing", "trial_ends_at": 20},
    {"status": "canceled"},
    {"next_plan_id": "free", "next_at": 9},
]


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))


@pytest.mark.parametrize(("values", "said"), NOTICES, ids=lambda value: str(value)[:30])
def test_it_says_on_every_page_what_is_wrong(
    values: dict[str, Any], said: str, buyer: Client, workspace: Workspace
) -> None:
    subscribe(workspace, **moments(values))
    for path in ("/portal/", "/portal/keys/", "/portal/profile/"):
        assert said in words(text(buyer, path))


@pytest.mark.parametrize("values", QUIET, ids=str)
def test_it_is_quiet_while_all_is_well(values: dict[str, Any], buyer: Client, workspace: Workspace) -> None:
    subscribe(workspace, **moments(values))
    assert "p-news" not in text(buyer, "/portal/")


def test_it_leads_to_the_remedy(buyer: Client, workspace: Workspace) -> None:
    subscribe(workspace, **moments({"status": "past_due", "grace_ends_at": 6}))
    assert 'href="/portal/plans/pay/"' in text(buyer, "/portal/")


def test_it_sends_a_member_to_those_who_pay(colleague: Client, workspace: Workspace) -> None:
    subscribe(workspace, **moments({"status": "past_due", "grace_ends_at": 6}))
    page = text(colleague, "/portal/")
    assert "An owner or admin can change that" in page
    assert "/plans/pay/" not in page


def test_it_says_nothing_of_others(buyer: Client, strangers_workspace: Workspace) -> None:
    subscribe(strangers_workspace, status="unpaid")
    assert "p-news" not in text(buyer, "/portal/")


def test_it_says_before_closing_that_the_subscription_ends(buyer: Client, workspace: Workspace) -> None:
    assert "subscription" not in text(buyer, "/portal/settings/close/")
    subscribe(workspace)
    assert "The subscription to Pro is cancelled at once" in text(buyer, "/portal/settings/close/")
    assert "its subscription is cancelled at once" in text(buyer, "/portal/settings/")


def test_it_leads_to_the_invoices_of_a_closed_workspace(buyer: Client, workspace: Workspace, olivia: User) -> None:
    subscribe(workspace)
    workspaces.close_workspace(workspace=workspace, actor=olivia)
    assert 'href="/portal/plans/invoices/"' in text(buyer, "/portal/plans/")
