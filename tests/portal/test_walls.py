"""Nobody reaches another workspace's rows: every address of the portal, with every id that an address can hold."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import URLPattern

from accounts.models import Invitation, User, Workspace
from accounts.portal.pages import Page
from gateway.models import ApiKey
from moondev.portal import portal_site
from tests.portal.alerts.rows import alert_ids
from tests.portal.backtests.rows import backtest_ids
from tests.portal.billing.rows import invoice_row
from tests.portal.conftest import member_row
from tests.portal.walk import NAMES, PAGES, Ids, address, parameters

IDS = ("key_id", "member_id", "invitation_id", "workspace_id", "invoice_id", "alert_id", "destination_id",
       "delivery_id", "run_id", "stage_id", "result_id", "folder_id", "share_id", "dataset_id")  # fmt: skip
WITH_IDS = [page for page in PAGES if parameters(page)]


@pytest.fixture
def ids_of_others(key: ApiKey, offer: Invitation, team: Workspace, olivia: User, max: User) -> dict[str, int | str]:
    """Ids in Olivia's workspace, for each parameter that an address has."""
    known = {
        "key_id": key.pk,
        "member_id": member_row(team, max).pk,
        "invitation_id": offer.pk,
        "workspace_id": team.pk,
        "invoice_id": invoice_row(team),
        **alert_ids(team, olivia),
    }
    return Ids(known, lambda: backtest_ids(team, olivia))


@pytest.mark.parametrize("page", WITH_IDS, ids=lambda page: page.name)
def test_it_answers_404_to_a_strangers_id(page: Page, stranger: Client, ids_of_others: dict[str, int | str]) -> None:
    for method in page.methods:
        answer = stranger.generic(method, address(page, ids_of_others))
        assert answer.status_code == 404, method


@pytest.mark.parametrize("page", WITH_IDS, ids=lambda page: page.name)
def test_it_answers_404_to_an_id_that_is_nobodys(page: Page, stranger: Client) -> None:
    nobodys = dict.fromkeys(IDS, 2**40)
    for method in page.methods:
        assert stranger.generic(method, address(page, nobodys)).status_code == 404, method


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_it_asks_everybody_without_a_session_to_log_in(page: Page, db: None) -> None:
    ids = dict.fromkeys(IDS, 1)
    for method in page.methods:
        answer = Client().generic(method, address(page, ids))
        assert answer.status_code == 302, method
        assert "/login/" in answer["Location"]


def test_it_mounts_no_address_besides_its_pages_and_four_of_the_sites() -> None:
    mounted = {pattern.name for pattern in portal_site.get_urls() if isinstance(pattern, URLPattern)}
    assert mounted == {*NAMES, "login", "logout", "jsi18n", "autocomplete"}


def test_it_lists_nothing_of_others(stranger: Client, strangers_key: ApiKey, key: ApiKey) -> None:
    page = stranger.get("/portal/keys/").content.decode()
    assert strangers_key.name in page.replace("&#x27;", "'")
    assert key.name not in page.replace("&#x27;", "'")


def test_it_finds_nothing_of_others_by_search(stranger: Client, strangers_key: ApiKey, key: ApiKey) -> None:
    page = stranger.get("/portal/keys/", {"q": "Olivia", "state": "all"}).content.decode()
    assert "No key matches" in page


def test_it_narrows_usage_to_ones_own_keys(stranger: Client, strangers_key: ApiKey, key: ApiKey) -> None:
    page = stranger.get("/portal/usage/", {"key": key.pk}).content.decode()
    assert "Olivia" not in page


def test_it_shows_a_quick_start_for_ones_own_keys_only(stranger: Client, strangers_key: ApiKey, key: ApiKey) -> None:
    page = stranger.get("/portal/quickstart/", {"key": key.pk}).content.decode()
    assert key.secrets.get().prefix not in page
    assert strangers_key.secrets.get().prefix in page
