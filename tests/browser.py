"""A real browser: the system's Chromium, driven by Playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-background-networking --disable-component-update "
    "--disable-sync --no-first-run --disable-dev-shm-usage"
)
# Each window would load pages of its own for the address bar that nobody sees. The last such flag counts, so what
# Playwright turns off that way is named again.
OFF = (
    "WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup,AimEnabled,HttpsUpgrades,PaintHolding,LensOverlay,"
    "MediaRouter,OptimizationHints,NetworkTimeServiceQuerying,DestroyProfileOnBrowserClose,ThirdPartyStoragePartitioning,"
    "AvoidUnnecessaryBeforeUnloadCheckSync,"
    # A process in reserve for a page that seldom comes.
    "SpareRendererForSitePerProcess"
)
REMEDY = "No Chromium here: `apt-get install chromium` gets one (or have google-chrome on PATH)."


def find_program() -> str:
    """The system's browser; without one the test skips, with REQUIRE_BROWSER=1 it fails."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(REMEDY)
        pytest.skip(REMEDY)
    return program


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser of this worker."""
    program = find_program()
    # Playwright keeps an event loop in this thread, which Django takes for a mistake.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=[*FLAGS.split(), f"--disable-features={OFF}"]
        )
        yield browser
        browser.close()


@pytest.fixture
def browser_context(browser: Browser) -> Iterator[BrowserContext]:
    """A visitor without cookies."""
    context = browser.new_context(locale="en-US", timezone_id="UTC")
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def page(browser_context: BrowserContext) -> Page:
    return browser_context.new_page()
