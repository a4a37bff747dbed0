"""The door in a real browser, with the page's Content-Security-Policy on: sign-up, confirmation, passkeys, themes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.accounts.conftest import PASSWORD
from tests.accounts.letters import letter_to
from tests.axe import told, violations
from tests.live import LiveService

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def door(live_service: LiveService) -> str:
    """The portal at `localhost`: browsers know passkeys under a name only, never under an address."""
    return live_service("dashboard", DEBUG="1").replace("127.0.0.1", "localhost")


@pytest.fixture
def complaints(page: Page) -> Iterator[list[str]]:
    """What the browser complained about; a script refused by the policy would be here."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("console", lambda line: found.append(line.text) if line.type == "error" else None)
    yield found
    assert found == []


def link_to(address: str, folder: Path) -> str:
    """The link in the newest letter to an address that has one."""
    return letter_to(address, r"/accounts/confirm-email/\S+", folder)


def sign_up(page: Page, door: str, email: str, mail_folder: Path) -> None:
    page.goto(f"{door}/accounts/signup/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password (again)").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading", name="Look into your mailbox")).to_be_visible()
    page.goto(door + link_to(email, mail_folder))
    page.get_by_role("button", name="Yes, confirm it").click()
    page.wait_for_url(f"{door}/portal/")


def add_virtual_authenticator(page: Page) -> None:
    """A security chip that always says yes, inside Chromium."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_it_signs_up_and_comes_back_with_a_passkey(
    page: Page, door: str, mail_folder: Path, complaints: list[str]
) -> None:
    sign_up(page, door, "passkey@example.com", mail_folder)
    add_virtual_authenticator(page)
    page.goto(f"{door}/accounts/2fa/webauthn/add/")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Name").fill("This laptop")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.goto(f"{door}/accounts/logout/")
    page.get_by_role("button", name="Log out").click()
    page.get_by_role("button", name="Log in with a passkey").click()
    page.wait_for_url(f"{door}/portal/")


def test_it_says_in_words_that_a_passkey_failed(page: Page, live_service: LiveService, complaints: list[str]) -> None:
    # Under an address instead of a name the browser refuses, whatever device there is.
    page.goto(live_service("dashboard", DEBUG="1") + "/accounts/login/")
    page.get_by_role("button", name="Log in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose another way")


def test_it_leads_to_what_was_refused(page: Page, door: str, complaints: list[str]) -> None:
    page.goto(f"{door}/accounts/signup/")
    page.get_by_label("Email").fill("weak@example.com")
    page.get_by_label("Password", exact=True).fill("12345678901")
    page.get_by_label("Password (again)").fill("12345678901")
    page.get_by_role("button", name="Create account").click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    summary.get_by_role("link").first.click()
    expect(page.get_by_label("Password", exact=True)).to_have_attribute("aria-invalid", "true")


def test_it_keeps_the_chosen_theme(page: Page, door: str, complaints: list[str]) -> None:
    page.goto(f"{door}/accounts/login/")
    page.get_by_role("button", name="Dark").click()
    page.goto(f"{door}/accounts/signup/")
    expect(page.locator("html")).to_have_class(re.compile("dark"))
    expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", ["login", "signup", "password/reset", "confirm-email", "invitations/none"])
def test_it_can_be_read_and_used_by_everybody(page: Page, door: str, path: str, theme: str) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{door}/accounts/{path}/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert told(violations(page, ("wcag2a", "wcag2aa", "wcag21aa"))) == []
