"""The door in a real browser, with the page's Content-Security-Policy on: sign-up, confirmation, passkeys, themes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from tests.accounts.conftest import PASSWORD, person
from tests.accounts.letters import letter_to
from tests.accounts.test_door import code_for, log_in, turn_on_totp
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


OPEN = ["login", "signup", "password/reset", "confirm-email", "invitations/none"]
PRIVATE = [
    "email",
    "password/change",
    "sessions",
    "reauthenticate",
    "logout",
    "2fa",
    "2fa/totp/activate",
    "2fa/webauthn",
    "2fa/webauthn/add",
]
WITH_A_FACTOR = ["2fa", "2fa/recovery-codes", "2fa/recovery-codes/generate", "2fa/totp/deactivate"]


def enter(page: Page, door: str, visitor: Client) -> None:
    """Give the real browser the session of a test client."""
    page.context.add_cookies([{"name": "sessionid", "value": visitor.cookies["sessionid"].value, "url": door}])


def faults(page: Page, url: str) -> list[str]:
    """What is wrong with a page at phone width, in both themes."""
    page.goto(url)
    found = [] if page.url == url else [f"leads to {page.url}"]
    if page.evaluate("document.documentElement.scrollWidth") > 390:
        found.append("too wide")
    # Only colours differ by theme.
    for theme, rules in (("dark", ["wcag2a", "wcag2aa", "wcag21aa"]), ("light", ["color-contrast"])):
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
        found += [f"{theme}: {line}" for line in told(violations(page, rules))]
    return [f"{url}: {fault}" for fault in found]


def test_it_can_be_read_and_used_by_everybody(page: Page, door: str) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    assert [fault for path in OPEN for fault in faults(page, f"{door}/accounts/{path}/")] == []


@pytest.mark.slow(8)
def test_it_shows_everybody_the_pages_behind_the_door(page: Page, door: str, complaints: list[str]) -> None:
    user, visitor = person("zoe@example.com"), Client()
    secret = turn_on_totp(visitor, user)
    half_in, unlocked = Client(), Client()
    log_in(half_in, user.email)
    log_in(unlocked, user.email)
    unlocked.post("/accounts/2fa/authenticate/", {"code": code_for(secret, 1)})
    unlocked.post("/accounts/reauthenticate/", {"password": PASSWORD})
    plain = Client()
    log_in(plain, person("yan@example.com").email)
    plain.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page.set_viewport_size({"width": 390, "height": 800})
    found = []
    for visitor, paths in ((plain, PRIVATE), (unlocked, WITH_A_FACTOR), (half_in, ["2fa/authenticate"])):
        enter(page, door, visitor)
        found += [fault for path in paths for fault in faults(page, f"{door}/accounts/{path}/")]
    assert found == []
