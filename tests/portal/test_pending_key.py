"""The purchased key on the portal: a button, and one answer that shows the secret."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from accounts.models import User, Workspace
from gateway.models import ApiKey
from tests.portal.conftest import Login

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def key(team: Workspace, olivia: User) -> ApiKey:
    ApiKey.objects.for_workspace(team).delete()
    return ApiKey.objects.create(workspace=team, created_by=olivia, name="First key", scopes=["data"], is_pending=True)


def test_the_list_offers_to_reveal_it(owner: Client, key: ApiKey) -> None:
    page = owner.get("/portal/keys/").content.decode()
    assert 'action="/portal/keys/reveal/"' in page
    assert "Not revealed" in page
    assert "Rotate" not in owner.get(f"/portal/keys/{key.pk}/").content.decode()


def test_the_first_page_leads_to_it(owner: Client) -> None:
    assert "Reveal your API key" in owner.get("/portal/").content.decode()


def test_it_is_shown_once_and_stored_nowhere(owner: Client, key: ApiKey) -> None:
    answer = owner.post("/portal/keys/reveal/")
    assert answer.status_code == 200
    assert re.search(r'value="md_live_[0-9A-Za-z]{38}"', answer.content.decode())
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "no-referrer"
    again = owner.post("/portal/keys/reveal/", follow=True)
    assert "shown only once" in again.content.decode()
    assert not re.search("md_live_[0-9A-Za-z]{38}", again.content.decode())


def test_looking_reveals_nothing(owner: Client, key: ApiKey) -> None:
    assert owner.get("/portal/keys/reveal/").status_code == 405
    assert owner.head("/portal/keys/reveal/").status_code == 405
    key.refresh_from_db()
    assert key.is_pending


def test_a_press_without_a_token_reveals_nothing(team: Workspace, olivia: User, key: ApiKey) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(olivia, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert browser.post("/portal/keys/reveal/").status_code == 403
    key.refresh_from_db()
    assert key.is_pending


def test_a_member_sees_whom_to_ask(mate: Client) -> None:
    page = mate.get("/portal/keys/").content.decode()
    assert "An owner or admin of the workspace can reveal it" in page
    assert 'action="/portal/keys/reveal/"' not in page
    assert mate.post("/portal/keys/reveal/").status_code == 403


def test_a_strangers_press_reveals_nothing(
    strangers_workspace: Workspace, sam: User, login: Login, key: ApiKey
) -> None:
    answer = login(sam).post("/portal/keys/reveal/", follow=True)
    assert "md_live_" not in answer.content.decode()
    key.refresh_from_db()
    assert key.is_pending
