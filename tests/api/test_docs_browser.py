"""The pages of the documentation in a real browser, under the policy that they are served with."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.live import LiveService

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_it_draws_the_schema_by_day_and_night_and_on_a_phone(page: Page, live_service: LiveService) -> None:
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    page.goto(live_service("gateway") + "/docs")
    expect(page.locator(".opblock-summary-path", has_text="/whoami")).to_be_visible(timeout=60_000)
    drawn = page.locator(".swagger-ui").first
    page.emulate_media(color_scheme="dark")
    expect(drawn).to_have_css("background-color", "rgb(28, 32, 34)")
    page.emulate_media(color_scheme="light")
    expect(drawn).to_have_css("background-color", "rgba(0, 0, 0, 0)")
    page.set_viewport_size({"width": 390, "height": 850})
    page.locator(".opblock-summary-get").first.click()
    expect(page.locator(".opblock-body").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    assert complaints == []


def test_it_leads_from_an_error_to_its_meaning(page: Page, live_service: LiveService) -> None:
    url = live_service("gateway")
    problem = page.request.get(f"{url}/whoami").json()
    page.goto(url + problem["type"])
    expect(page.locator("tr:target")).to_contain_text("X-API-Key")
