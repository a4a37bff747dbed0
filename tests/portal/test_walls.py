"""Nobody reaches another workspace's rows: every address of the portal, with every id that an address can hold."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import URLPattern

from accounts.portal.pages import Page
from gateway.models import ApiKey
from moondev.portal import portal_site
from tests.portal.scene import Scene, scene, shared_scene
from tests.portal.walk import NAMES, PAGES, address, parameters

__all__ = ["scene", "shared_scene"]
WITH_IDS = [page for page in PAGES if parameters(page)]


class TestEveryPage:
    @pytest.mark.parametrize("page", WITH_IDS, ids=lambda page: page.name)
    def test_it_answers_404_to_a_strangers_id(self, page: Page, scene: Scene) -> None:
        stranger = scene.browser("Sam")
        for method in page.methods:
            assert stranger.generic(method, address(page, scene.ids)).status_code == 404, method

    @pytest.mark.parametrize("page", WITH_IDS, ids=lambda page: page.name)
    def test_it_answers_404_to_an_id_that_is_nobodys(self, page: Page, scene: Scene) -> None:
        nobodys, stranger = dict.fromkeys(scene.ids, 2**40), scene.browser("Sam")
        for method in page.methods:
            assert stranger.generic(method, address(page, nobodys)).status_code == 404, method

    @pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
    def test_it_asks_everybody_without_a_session_to_log_in(self, page: Page, scene: Scene) -> None:
        for method in page.methods:
            answer = Client().generic(method, address(page, scene.ids))
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
