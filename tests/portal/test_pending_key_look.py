"""The purchased key in a real browser: readable everywhere, revealed by keyboard, and gone on the way back."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from accounts.models import User, Workspace
from gateway.models import ApiKey
from tests.live import LiveService
from tests.portal.conftest import Login
from tests.portal.test_look import CROSSED, enter, faults

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def site(live_service: LiveService, page: Page, workspace: Workspace, olivia: User, login: Login) -> str:
    """A live portal with olivia signed in, whose workspace has a key that nobody has seen."""
    ApiKey.objects.create(workspace=workspace, created_by=olivia, name="First key", scopes=["data"], is_pending=True)
    url = live_service("dashboard", DEBUG="1")
    browser: Client = login(olivia)
    enter(page, url, browser)
    return url


def test_it_can_be_read(page: Page, site: str) -> None:
    key = ApiKey.objects.get()
    paths = ("", "keys/", f"keys/{key.pk}/")
    assert [fault for path in paths for fault in faults(page, f"{site}/portal/{path}", CROSSED)] == []


def test_it_is_revealed_by_keyboard_and_shown_once(page: Page, site: str) -> None:
    page.goto(f"{site}/portal/keys/")
    page.get_by_role("button", name="Reveal the key").focus()
    page.keyboard.press("Enter")
    field = page.get_by_label("API key", exact=True)
    expect(field).to_have_value(re.compile("^md_live_"))
    secret = field.input_value()
    page.get_by_role("link", name="I have saved it").click()
    page.go_back()
    assert secret not in page.content()
