"""The staff site in a real browser: light, dark and on a phone, without a script that the policy forbids."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from accounts.models import AuditEntry, Invitation, User, Workspace
from alerts.models import Delivery, Destination
from backtests.models import Run
from billing.models import AddOn, Case, Entitlement, Plan, StripeEvent, Subscription
from gateway.models import ApiKey, Usage
from tests.axe import WCAG, told, violations
from tests.screens import prepare, turn
from tests.staff.conftest import page as address_of

pytestmark = [pytest.mark.browser, pytest.mark.slow(15), pytest.mark.django_db(transaction=True)]
SCREENS: dict[str, dict[str, Any]] = {
    "light": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
}

# Lines of a list that say more than is seen of them.
CUT_OFF = """[...document.querySelectorAll("#result_list td")]
  .filter(cell => cell.scrollHeight > cell.clientHeight + 1).map(cell => cell.innerText)"""


@pytest.fixture(params=SCREENS)
def screen(request: Any, browser: Browser, desk: Client, live_service: Callable[..., str]) -> Iterator[Page]:
    """Rita's screen, signed in, with every complaint of the browser collected in `screen.complaints`."""
    url = live_service("dashboard")
    context = browser.new_context(base_url=url, locale="en-US", timezone_id="UTC", **SCREENS[request.param])
    cookie = desk.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": url}])
    shown = context.new_page()
    complaints: list[str] = []
    shown.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    shown.on("pageerror", lambda error: complaints.append(str(error)))
    shown.complaints = complaints  # type: ignore[attr-defined]
    yield shown
    context.close()


@pytest.mark.slow(40)
@pytest.mark.parametrize("screen", ["phone"], indirect=True)
def test_every_page_fits_is_for_everybody_and_breaks_no_policy(screen: Page, rows: Any) -> None:
    assert [fault for address in addresses(rows) for fault in faults(screen, address, widened=True)] == []
    assert screen.complaints == []  # type: ignore[attr-defined]


@pytest.mark.parametrize("screen", ["light", "dark"], indirect=True)
def test_the_menu_can_be_read_by_day_and_night(screen: Page, rows: Any) -> None:
    """What a phone does not show; the pages themselves are looked at there."""
    shown = ("/admin/", address_of(Workspace, "changelist"), address_of(Workspace, "change", rows[Workspace].pk))
    assert [fault for address in shown for fault in faults(screen, address)] == []


@pytest.mark.parametrize("screen", ["light"], indirect=True)
def test_the_menu_can_be_skipped(screen: Page) -> None:
    screen.goto("/admin/")
    screen.keyboard.press("Tab")
    expect(screen.get_by_role("link", name="Skip to the content")).to_be_focused()
    screen.keyboard.press("Enter")
    screen.keyboard.press("Tab")
    assert screen.evaluate("document.querySelector('#content').contains(document.activeElement)")


def faults(screen: Page, address: str, *, widened: bool = False) -> list[str]:
    """What axe finds on a page, and whether it is wider than the screen; `widened` to a light and wide one as well."""
    screen.goto(address)
    screen.wait_for_timeout(100)
    found = looked_at(screen, address)
    if not widened:
        return found
    turn(screen, "light", 1280, 900)
    found += looked_at(screen, f"{address} (light)")
    prepare(screen, "dark", 390, 844)
    return found


def looked_at(screen: Page, address: str) -> list[str]:
    if found := seen(screen, address):
        # On a busy machine the page's scripts may not have been through yet.
        screen.wait_for_timeout(2000)
        found = seen(screen, address)
    return found


def seen(screen: Page, address: str) -> list[str]:
    wider = screen.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    found = [f"{address}: {line}" for line in told(violations(screen, WCAG))]
    found += [f"{address}: cut off is {text!r}" for text in screen.evaluate(CUT_OFF)]
    return found + ([f"{address} is {wider} px too wide"] if wider > 0 else [])


def addresses(rows: Any) -> list[str]:
    payment = (AddOn, Subscription, Case, StripeEvent)
    models = (Workspace, User, Invitation, AuditEntry, Plan, Entitlement, ApiKey, Destination, Delivery, Run, *payment)
    lists = [address_of(model, "changelist") for model in (*models, Usage)]
    pages = [address_of(model, "change", rows[model].pk) for model in models]
    deeds = [address_of(Workspace, name, rows[Workspace].pk) for name in ("billing", "grant_plan", "act_as", "close")]
    deeds += [address_of(Case, "close", rows[Case].pk), "/admin/billing/subscription/revenue/"]
    deeds += [address_of(Delivery, "send_again", rows[Delivery].pk), "/admin/alerts/delivery/overview/"]
    deeds += [address_of(Run, "cancel", rows[Run].pk), "/admin/backtests/run/overview/"]
    return ["/admin/", *lists, *pages, *deeds, address_of(ApiKey, "override", rows[ApiKey].pk)]


@pytest.mark.parametrize("screen", ["light"], indirect=True)
def test_a_plan_is_granted_and_the_portal_looked_at_by_keyboard_and_mouse(screen: Page, workspace: Workspace) -> None:
    screen.goto(address_of(Workspace, "change", workspace.pk))
    screen.get_by_role("link", name="Grant a plan").click()
    screen.get_by_label("Plan").select_option("team")
    screen.get_by_label("Reason").fill("pilot")
    screen.keyboard.press("Enter")
    screen.get_by_text("has Team until").wait_for()
    screen.get_by_role("link", name="View as customer").click()
    screen.get_by_label("Reason").fill("ticket 12")
    screen.keyboard.press("Enter")
    screen.wait_for_url("**/portal/")
    assert screen.locator(".p-banner").is_visible()
    screen.locator(".p-banner button").click()
    screen.wait_for_load_state()
    assert screen.locator(".p-banner").count() == 0
    assert Entitlement.objects.get(workspace=workspace).plan_id == "team"
