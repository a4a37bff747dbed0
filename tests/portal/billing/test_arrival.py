"""Back from Stripe: waiting, arriving, and what comes next."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Workspace
from billing.models import AddOn, Entitlement
from gateway.keys.pending import provide_key
from moondev.lib import clock
from tests.portal.billing.rows import pay_once, soon, subscribe
from tests.portal.test_pages import text

SESSION = "cs_test_a1B2"
DONE = f"/portal/plans/done/?for=pro&session_id={SESSION}"
LIVE = "/portal/plans/done/live/"


def test_it_waits_for_the_news(buyer: Client) -> None:
    page = text(buyer, DONE)
    assert "Setting things up" in page
    assert f'data-poll="{LIVE}?for=pro&session_id={SESSION}&since=' in page


def test_it_waits_on_while_nothing_has_come(buyer: Client) -> None:
    answer = buyer.get(f"{LIVE}?for=pro&since={int(clock.now().timestamp())}")
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert "<html" not in answer.content.decode()


def test_it_says_when_it_takes_longer(buyer: Client) -> None:
    since = int(clock.now().timestamp()) - 30
    page = text(buyer, f"{LIVE}?for=pro&session_id={SESSION}&since={since}")
    assert "This takes longer than usual" in page
    assert SESSION in page


@pytest.mark.parametrize("query", ["since=9999999999", "since=x", "since=", "session_id=<b>", "for=" + "x" * 999])
def test_it_shows_nothing_that_an_address_made_up(query: str, buyer: Client) -> None:
    page = text(buyer, f"{LIVE}?{query}")
    assert "Setting things up" in page
    assert "<b>" not in page


def test_it_lets_the_page_load_anew_once_the_plan_is_there(buyer: Client, workspace: Workspace) -> None:
    subscribe(workspace)
    assert buyer.get(LIVE, {"for": "pro"})["Location"] == "/portal/plans/done/?for=pro"
    page = text(buyer, DONE)
    for words in ("Pro is yours", "600", "Quick start", "Invite your team", "data-poll"):
        assert (words in page) is (words != "data-poll")


def test_it_never_leads_on_without_the_key(buyer: Client, workspace: Workspace) -> None:
    # The rows alone: the news that makes the key has not come.
    subscribe(workspace)
    assert "Reveal the key" in text(buyer, DONE)
    assert provide_key(workspace.pk) is None


def test_it_says_when_a_trial_has_begun(buyer: Client, workspace: Workspace) -> None:
    subscribe(workspace, status="trialing", trial_ends_at=soon(14))
    assert "The trial ends on" in text(buyer, DONE)


def test_it_names_what_was_bought_beside_a_larger_plan_from_staff(buyer: Client, workspace: Workspace) -> None:
    subscribe(workspace, "pro")
    Entitlement.objects.create(workspace=workspace, plan_id="team", reason="comp", ends_at=soon(30))
    assert "Pro is yours" in text(buyer, DONE)


@pytest.mark.parametrize("status", ["incomplete", "unpaid", "canceled"])
def test_it_calls_nothing_bought_that_is_not_paid(status: str, buyer: Client, workspace: Workspace) -> None:
    subscribe(workspace, status=status)
    assert "Setting things up" in text(buyer, DONE)


def test_it_waits_for_the_packs_that_were_bought_and_no_older_ones(buyer: Client, workspace: Workspace) -> None:
    add_on = AddOn.objects.get(name="history-year")
    subscribe(workspace)
    pay_once(workspace, add_on.name, starts_at=soon(-2))
    assert "Setting things up" in text(buyer, "/portal/plans/done/?for=history-year")
    pay_once(workspace, add_on.name)
    assert f"“{add_on.title}” is yours" in text(buyer, "/portal/plans/done/?for=history-year")


def test_it_sees_nothing_that_others_bought(buyer: Client, strangers_workspace: Workspace) -> None:
    subscribe(strangers_workspace)
    pay_once(strangers_workspace, "history-year")
    for what in ("pro", "history-year"):
        assert "Setting things up" in text(buyer, f"/portal/plans/done/?for={what}")


def test_it_leads_to_the_key_that_came_with_the_plan(buyer: Client, workspace: Workspace) -> None:
    subscribe(workspace)
    provide_key(workspace.pk)
    assert 'action="/portal/keys/reveal/"' in text(buyer, DONE)
