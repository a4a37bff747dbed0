"""A newcomer's first quarter of an hour on the real parts: server, worker, beat, browser, their own clients."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings

from accounts.models import User, Workspace
from gateway.keys import services
from gateway.portal.quickstart import prefix_of, snippets
from tests.accounts.test_browser import sign_up
from tests.flows.client import Client, eventually
from tests.live import LiveService

pytestmark = [pytest.mark.browser, pytest.mark.slow(20)]

# Deadlines that the product promises, polled up to three times as long.
USAGE_SEEN_MS = 3 * 5_000
REVOKED_SECONDS = 3 * 1
FIRST_DATA_SECONDS = 90
NEWEST = "/files/liq_data.csv?limit=5"
FUNDING = "/files/funding.csv"
SECRET = re.compile(r"md_live_[0-9A-Za-z]{38}")


# By language: the program that must be there, what runs the lines, and the file that they are copied into.
OTHER_LANGUAGES = {"curl": ("curl", "bash", "lines.sh"), "javascript": ("node", "node", "liquidations.mjs")}
# What each of them writes at its end, whatever the market holds.
LAST_WORDS = {"curl": "order_trade_time,usd_size", "javascript": '"minute";r='}


@pytest.fixture
def site(live_service: LiveService) -> str:
    return live_service("all", DEBUG="1")


def copied_secret(page: Page) -> str:
    """Press Copy and read what a paste would give."""
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied: str = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.get_by_label("API key", exact=True).input_value()
    assert SECRET.fullmatch(copied)
    return copied


def create_key(page: Page) -> str:
    page.get_by_role("link", name="API keys").click()
    page.get_by_role("link", name="Create your first key").click()
    page.get_by_label("Name").fill("First bot")
    page.get_by_role("button", name="Create key").click()
    return copied_secret(page)


def rotate_at_once(page: Page) -> str:
    page.get_by_role("link", name="Rotate").click()
    page.get_by_label(re.compile("None: the old secret stops at once")).check()
    page.get_by_role("button", name="Rotate").click()
    return copied_secret(page)


def test_it_takes_a_newcomer_from_sign_up_to_a_revoked_key(
    page: Page, site: str, worker: None, mail_folder: Path
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site)
    sign_up(page, site, "newcomer@example.com", mail_folder)
    expect(page.get_by_role("heading", name="Next steps")).to_be_visible()
    expect(page.locator("#requests-day")).to_have_text("0")

    secret = create_key(page)
    client = Client(site, secret)
    read_first_data(client)
    run_quick_start(page, site, secret)
    see_usage_move(page, site, client)

    open_key(page, site)
    successor = Client(site, rotate_at_once(page))
    assert eventually(lambda: client.get("/whoami").status_code == 403, REVOKED_SECONDS)
    assert successor.get("/whoami").status_code == 200

    open_key(page, site)
    page.get_by_role("link", name="Revoke").click()
    page.get_by_role("button", name="Revoke the key").click()
    expect(page.get_by_role("status").filter(has_text="is revoked")).to_be_visible()
    assert eventually(lambda: successor.get("/whoami").status_code == 403, REVOKED_SECONDS)
    refused = successor.get(NEWEST)
    assert refused.status_code == 403
    assert refused.headers["Content-Type"] == "application/problem+json"


def read_first_data(client: Client) -> None:
    """The calls of the quick start, as its reader types them."""
    who = client.get("/whoami").json()
    assert (who["plan"], who["mode"]) == ("free", "keystore")
    assert client.get("/quota").json()["used"] == 0
    # Slowly: a free plan has sixty requests a minute, and an empty database fills within a tick or two.
    assert eventually(lambda: len(client.table(NEWEST)) == 5, FIRST_DATA_SECONDS, every=3)
    assert eventually(lambda: len(client.table(FUNDING)) > 0, FIRST_DATA_SECONDS, every=3)
    liquidations = client.table(NEWEST)
    assert list(liquidations.columns)[:2] == ["symbol", "side"]
    assert (liquidations["usd_size"] > 0).all()
    assert list(client.table(FUNDING).columns) == ["event_time", "symbol", "funding_rate", "yearly_funding_rate"]
    assert client.get("/quota").json()["used"] >= 3


def run_quick_start(page: Page, site: str, secret: str) -> None:
    """The Python lines of the quick start, pasted as they stand there."""
    page.goto(f"{site}/portal/quickstart/")
    code = page.locator("#code-python").inner_text()
    assert secret[:12] in code
    assert secret not in page.content()
    environment = {**os.environ, "MOONDEV_KEY": secret}
    ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    assert "yearly_funding_rate" in ran.stdout


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_it_runs_the_other_lines_of_the_quick_start(
    language: str, site: str, workspace: Workspace, olivia: User, settings: Settings, tmp_path: Path
) -> None:
    """As their reader does: copied into a file, with the whole key in the place of its beginning."""
    program, interpreter, name = OTHER_LANGUAGES[language]
    if shutil.which(program) is None:
        pytest.skip(
            f"No {program} here, so the {language} lines of the quick start were not run. Install it to run them."
        )
    settings.GATEWAY_PUBLIC_URL = site
    key, secret = services.create_key(workspace=workspace, actor=olivia, name="First bot")
    code = next(snippet.code for snippet in snippets(prefix_of(key)) if snippet.name == language)
    (tmp_path / name).write_text(code.replace(f'"{prefix_of(key)}"', f'"{secret}"'))
    environment = {"PATH": os.environ["PATH"], "MOONDEV_KEY": secret}
    ran = subprocess.run([interpreter, name], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    assert LAST_WORDS[language] in ran.stdout, ran.stdout


def see_usage_move(page: Page, site: str, client: Client) -> None:
    """The overview counts up while it is open: nobody reloads it."""
    page.goto(f"{site}/portal/")
    page.evaluate("window.staysOpen = true")
    before = int(page.locator("#requests-day").inner_text())
    bars = page.locator(".p-chart").first.locator("rect.good")
    for _ in range(3):
        assert client.get("/files/oi_total.csv?limit=1").status_code == 200
    expect(page.locator("#requests-day")).not_to_have_text(str(before), timeout=USAGE_SEEN_MS)
    assert eventually(lambda: int(page.locator("#requests-day").inner_text()) >= before + 3, USAGE_SEEN_MS / 1000)
    expect(bars.last).to_be_visible()
    assert page.evaluate("window.staysOpen") is True


def open_key(page: Page, site: str) -> None:
    page.goto(f"{site}/portal/keys/")
    page.get_by_role("link", name="First bot").click()


def test_it_shows_a_secret_once_even_when_the_page_is_reloaded(page: Page, site: str, mail_folder: Path) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site)
    sign_up(page, site, "reload@example.com", mail_folder)
    secret = create_key(page)
    page.reload()
    expect(page.get_by_role("heading", name="First bot")).to_be_visible()
    assert secret not in page.content()
    page.goto(f"{site}/portal/keys/")
    assert page.locator("tbody tr").count() == 1
