"""A customer at the browser: a destination that is tested, an alert with its preview, a firing and its end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django import Settings

from accounts.models import Workspace
from alerts import deliver, evaluate
from alerts.models import Alert
from tests.alerts.evaluation.conftest import liquidation, store
from tests.fakes.discord import Discord, webhook
from tests.live import LiveService
from tests.portal.test_look import enter

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def discord(settings: Settings) -> Iterator[Discord]:
    with Discord() as found:
        settings.OUTBOUND_ROUTES = {**settings.OUTBOUND_ROUTES, "discord.com": found.place}
        yield found


@pytest.fixture
def site(live_service: LiveService, discord: Discord) -> str:
    routes = f"discord.com={discord.place}"
    return live_service("dashboard", DEBUG="1", MARKET_DATA_SOURCE="files", OUTBOUND_ROUTES=routes)


def look(at: datetime) -> None:
    """Evaluate once, and send what is owed, however long Discord asks to wait after the message before."""
    evaluate.tick(at)
    deliver.work()


def add_discord(page: Page, site: str) -> None:
    page.goto(f"{site}/portal/alerts/destinations/")
    page.get_by_role("link", name="Add a destination").click()
    page.get_by_role("link", name="Discord").click()
    page.get_by_label("Name").fill("#trading")
    page.get_by_label("Webhook URL").fill(webhook())
    page.get_by_role("button", name="Add destination").click()
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_text("The test arrived.")).to_be_visible()


def add_alert(page: Page, site: str) -> None:
    page.goto(f"{site}/portal/alerts/gallery/")
    page.get_by_role("link", name="Liquidation cascade").click()
    preview = page.locator("#preview")
    expect(preview).to_contain_text("Would not have fired")
    page.get_by_label("Threshold (USD)").fill("4000")
    page.get_by_text("More: recovery").scroll_into_view_if_needed()
    page.get_by_label("Recovery threshold").fill("")
    expect(preview).to_contain_text(re.compile("Would have fired [1-9]"))
    expect(preview.locator("path.course")).to_have_count(1)
    page.get_by_role("button", name="Create alert").click()
    expect(page.get_by_text("The alert is on.")).to_be_visible()


def test_it_is_set_up_tested_seen_to_fire_and_to_end(
    page: Page, site: str, owner: Client, team: Workspace, discord: Discord, market: None
) -> None:
    enter(page, site, owner)
    add_discord(page, site)
    assert len(discord.messages) == 1
    add_alert(page, site)
    now = timezone.now()
    store("liquidations", liquidation(now, 9_000.0))
    look(now + timedelta(minutes=1))
    alert = Alert.objects.for_workspace(team).get()
    assert alert.is_open
    state = page.locator(".p-sum").first
    expect(state).to_contain_text("Firing", timeout=15_000)
    expect(page.locator(".p-story")).to_contain_text("#trading Sent")
    look(now + timedelta(hours=3))
    expect(state).to_contain_text("Normal", timeout=15_000)
    expect(page.locator(".p-story")).to_contain_text("Resolved")
    page.locator(".p-sending summary").first.click()
    expect(page.locator(".p-tries").first).to_contain_text("sent, answer 200")
    assert len(discord.messages) == 2
