"""The pages in a real browser: readable by everybody in both themes and at phone width, usable by keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from accounts.models import Invitation, User, Workspace
from gateway.models import ApiKey, Usage
from moondev.lib import clock
from tests.axe import WCAG, told, violations
from tests.live import LiveService
from tests.portal.alerts.rows import alert_ids
from tests.portal.backtests.rows import backtest_ids
from tests.portal.conftest import Login, member_row
from tests.portal.walk import PAGES, address
from tests.screens import Theme, prepare, turn

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SHOWN = [
    page
    for page in PAGES
    if "GET" in page.methods
    and not re.search("live|export|person-delete|alert-preview|alert-course|series|download", page.name)
]
# Pages that look different for another person or another row.
MORE = [
    "/portal/keys/?q=nothing",
    "/portal/usage/?status=5",
    "/portal/usage/?start=2026-02-02&end=2026-01-01",
    f"/portal/keys/{2**40}/",
    "/portal/plans/?interval=year",
    "/portal/plans/?cancelled=1",
    "/portal/alerts/?state=paused&type=nothing",
    "/portal/alerts/new/?type=price_move&threshold=3&symbol=nothing",
    "/portal/alerts/destinations/new/?kind=telegram",
    "/portal/backtests/?status=error",
    "/portal/backtests/new/?ideas=Buy+when+RSI(14)+is+below+30,+sell+above+70%0AVolume+divergence%0Aflurb",
]

Screen = tuple[Theme, int]
# By theme and width.
SCREENS: tuple[Screen, ...] = (("dark", 390), ("light", 1280))
CROSSED: tuple[Screen, ...] = (("light", 390), ("dark", 1280))
BY_DAY_AND_NIGHT: tuple[Screen, ...] = (("light", 1280), ("dark", 1280))


@pytest.fixture
def site(live_service: LiveService) -> str:
    return live_service("dashboard", DEBUG="1")


@pytest.fixture
def complaints(page: Page) -> Iterator[list[str]]:
    """What the browser complained about; a script or style refused by the policy would be here."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("console", lambda line: found.append(line.text) if line.type == "error" else None)
    yield found
    assert [line for line in found if "404 (Not Found)" not in line] == []


@pytest.fixture
def ids(site: str, key: ApiKey, offer: Invitation, team: Workspace, olivia: User, max: User) -> dict[str, int | str]:
    """One of everything, so that no page is empty."""
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    for status, requests in ((2, 900), (4, 40), (5, 3)):
        Usage.objects.create(
            hour=hour,
            workspace_id=team.pk,
            key_id=key.pk,
            endpoint="/files/oi.csv",
            status_class=status,
            requests=requests,
        )
    return {
        "key_id": key.pk,
        "invitation_id": offer.pk,
        "member_id": member_row(team, max).pk,
        "workspace_id": team.pk,
        "invoice_id": "in_nobodys",
        **alert_ids(team, olivia),
        **backtest_ids(team, olivia),
    }


def enter(page: Page, site: str, browser: Client) -> None:
    """Give the real browser the session of a test client."""
    page.context.add_cookies([{"name": "sessionid", "value": browser.cookies["sessionid"].value, "url": site}])


def faults(page: Page, url: str, screens: Sequence[Screen] = SCREENS) -> list[str]:
    """What is wrong with a page on each of the screens; it is loaded on the first."""
    prepare(page, *screens[0])
    page.goto(url)
    expect(page.locator("h1")).to_be_visible()
    return [f"{url} ({theme}, {width} px): {fault}" for theme, width in screens for fault in seen(page, theme, width)]


def seen(page: Page, theme: Theme, width: int) -> list[str]:
    """What axe finds on the page that is open, and whether it is wider than the window."""
    turn(page, theme, width)
    found = told(violations(page, WCAG))
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return found + ([f"{wide} px too wide"] if wide > 0 else [])


@pytest.mark.slow(60)
def test_it_can_be_read_and_used_by_everybody(
    page: Page, site: str, owner: Client, ids: dict[str, int | str], complaints: list[str]
) -> None:
    enter(page, site, owner)
    paths = [address(shown, ids) for shown in SHOWN] + MORE
    assert [fault for path in paths for fault in faults(page, site + path)] == []


def test_it_can_be_read_where_there_is_nothing_yet(
    page: Page, site: str, rita: User, sam: User, strangers_workspace: Workspace, login: Login
) -> None:
    enter(page, site, login(sam))
    paths = [
        "/portal/",
        "/portal/keys/",
        "/portal/usage/",
        "/portal/quickstart/",
        "/portal/plans/",
        "/portal/alerts/",
        "/portal/alerts/destinations/",
        "/portal/backtests/",
        "/portal/backtests/board/",
        "/portal/backtests/folders/",
        "/portal/team/leave/",
    ]
    found = [fault for path in paths for fault in faults(page, site + path, BY_DAY_AND_NIGHT)]
    enter(page, site, login(rita))
    assert found + faults(page, site + "/portal/", BY_DAY_AND_NIGHT) == []


def test_it_is_walked_by_keyboard(page: Page, site: str, owner: Client, ids: dict[str, int | str]) -> None:
    enter(page, site, owner)
    page.goto(f"{site}/portal/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    menu = page.locator("summary[aria-label^='Account menu']")
    menu.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Log out")).not_to_be_visible()
    expect(menu).to_be_focused()


def test_it_opens_its_menu_on_a_phone(page: Page, site: str, owner: Client, ids: dict[str, int | str]) -> None:
    enter(page, site, owner)
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{site}/portal/")
    link = page.get_by_role("link", name="Usage", exact=True)
    expect(link).not_to_be_visible()
    page.get_by_role("button", name="Open the menu").click()
    expect(link).to_be_visible()
    page.keyboard.press("Escape")
    expect(link).not_to_be_visible()


def test_it_remembers_the_theme(page: Page, site: str, owner: Client, ids: dict[str, int | str]) -> None:
    enter(page, site, owner)
    page.goto(f"{site}/portal/")
    page.locator("summary[aria-label^='Account menu']").click()
    page.get_by_role("button", name="Dark").click()
    page.goto(f"{site}/portal/keys/")
    expect(page.locator("html")).to_have_class(re.compile("dark"))


def test_it_wakes_the_button_when_the_words_are_typed(
    page: Page, site: str, owner: Client, ids: dict[str, int | str], team: Workspace
) -> None:
    enter(page, site, owner)
    page.goto(f"{site}/portal/settings/close/")
    button = page.get_by_role("button", name="Close this workspace")
    expect(button).to_be_disabled()
    page.get_by_label(re.compile("to confirm")).fill(team.name)
    expect(button).to_be_enabled()
    button.click()
    expect(page.get_by_role("heading", name=f"{team.name} is closed")).to_be_visible()


def test_it_sends_a_form_once(page: Page, site: str, owner: Client, ids: dict[str, int | str]) -> None:
    enter(page, site, owner)
    page.goto(f"{site}/portal/keys/new/")
    page.get_by_label("Name").fill("Twice")
    page.get_by_role("button", name="Create key").dblclick()
    expect(page.get_by_label("API key", exact=True)).to_be_visible()
    assert ApiKey.objects.filter(name="Twice").count() == 1
