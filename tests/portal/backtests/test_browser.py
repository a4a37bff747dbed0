"""A customer at the browser: bars are brought, an idea is typed and watched until it is a result that is shared."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Browser, Locator, Page, expect

from accounts.models import User, Workspace
from backtests.datasets import frames
from backtests.models import Result, Run, Status
from tests.backtests.making import dataset_row, finished
from tests.backtests.pipeline.worker import BacktestsWorker
from tests.live import LiveService
from tests.portal.test_look import enter

pytestmark = [pytest.mark.browser, pytest.mark.slow]
IDEA = "Buy when the close crosses over its 20 bar average, sell when it crosses under, stop 3 ATR"
VAGUE = "Mean reversion after a funding rate extreme"
# A run of a few seconds on a machine that is busy with other tests.
PATIENCE_MS = 90_000
# How many different colours a drawing has; a blank one has one.
COLOURS = """canvas => {
  const pixels = new Uint32Array(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.buffer);
  return new Set(pixels).size;
}"""


@pytest.fixture
def site(live_service: LiveService) -> str:
    return live_service("dashboard", DEBUG="1")


@pytest.fixture
def complaints(page: Page) -> Iterator[list[str]]:
    """What the browser complained about."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("console", lambda line: found.append(line.text) if line.type == "error" else None)
    yield found
    assert found == []


def expect_drawn(drawing: Locator) -> None:
    """The drawing is there and is not blank."""
    expect(drawing).to_have_attribute("data-drawn", "1")
    assert drawing.locator("canvas").evaluate(COLOURS) > 5


def point_at_the_left(page: Page) -> Locator:
    """The line that says what is under the pointer, which is moved to the left edge of the equity's drawing."""
    box = page.locator("[data-chart=equity] .u-over").bounding_box()
    assert box
    page.mouse.move(box["x"] + 40, box["y"] + 20)
    page.mouse.move(box["x"] + 2, box["y"] + 20)
    return page.locator("[data-readout=equity]")


def test_it_draws_a_long_result_and_looks_closer(
    page: Page, site: str, owner: Client, team: Workspace, olivia: User, complaints: list[str]
) -> None:
    result = finished(team, olivia, dataset=dataset_row(team, olivia, count=50_000))
    enter(page, site, owner)
    page.goto(f"{site}/portal/backtests/results/{result.pk}/")
    for name in ("equity", "drawdown", "candles"):
        expect_drawn(page.locator(f"[data-chart={name}]"))
    expect(point_at_the_left(page)).to_contain_text("2024-0")
    with page.expect_response(re.compile("/series/.from=")):
        page.get_by_role("button", name="Look closer").click()
    page.wait_for_timeout(200)
    expect(point_at_the_left(page)).to_contain_text("2025-0")
    with page.expect_response(re.compile("/series/")):
        page.get_by_role("button", name="All").click()
    page.emulate_media(color_scheme="dark")
    expect_drawn(page.locator("[data-chart=candles]"))


def test_it_compares_and_shares_with_somebody_without_a_login(
    page: Page, browser: Browser, site: str, owner: Client, team: Workspace, olivia: User, complaints: list[str]
) -> None:
    dataset = dataset_row(team, olivia)
    result, _ = finished(team, olivia, dataset=dataset), finished(team, olivia, dataset=dataset, return_pct=1.0)
    enter(page, site, owner)
    page.goto(f"{site}/portal/backtests/board/")
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Compare the ticked").click()
    expect_drawn(page.locator("[data-chart=compare]"))
    page.goto(f"{site}/portal/backtests/results/{result.pk}/")
    page.get_by_label("Show the code too").check()
    page.get_by_role("button", name="Make a link").click()
    page.get_by_role("link", name="see and revoke").click()
    address = page.locator("a[href*='/share/backtests/']").get_attribute("href")
    assert address
    guest = browser.new_context().new_page()
    guest.goto(address)
    expect_drawn(guest.locator("[data-chart=equity]"))
    expect(guest.get_by_text("class Cross(Strategy)")).to_be_visible()
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("Nothing is shared")).to_be_visible()
    guest.reload()
    expect(guest.get_by_text("+12.34 %")).to_have_count(0)
    guest.context.close()


@pytest.fixture
def bars(tmp_path: Path, team: Workspace, olivia: User) -> Path:
    """A CSV file of 600 bars as people have them: blanks after commas, and a comma at the end of lines."""
    row = dataset_row(team, olivia, count=600, name="Written out")
    lines = "".join(frames.csv_of(row)).splitlines()
    row.delete()
    file = tmp_path / "BTC-1h.csv"
    file.write_text("\n".join(f"{line.replace(',', ', ')}," for line in lines))
    return file


@pytest.fixture(scope="module")
def worker(django_db_setup: None) -> Iterator[BacktestsWorker]:
    with BacktestsWorker() as found:
        yield found


def bring(page: Page, site: str, bars: Path) -> None:
    page.goto(f"{site}/portal/backtests/data/")
    page.get_by_role("link", name="Upload data").first.click()
    page.get_by_label("File").set_input_files(bars)
    expect(page.get_by_label("Name")).to_have_value("")
    page.get_by_label("Name").fill("My bars")
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("link", name="Show the data sets").click(timeout=PATIENCE_MS)
    page.get_by_role("link", name="My bars").click()
    expect(page.get_by_text("No duplicate, missing, unordered or inconsistent bar was found.")).to_be_visible()


def ask(page: Page, site: str) -> None:
    """Type an idea, see what becomes of it, change a parameter, start."""
    page.goto(f"{site}/portal/backtests/new/")
    drafts, box = page.locator("#drafts"), page.get_by_role("textbox", name="Ideas")
    box.fill(VAGUE)
    other = drafts.locator("[data-instead-of]").first
    words = str(other.get_attribute("data-idea"))
    other.click()
    expect(box).to_have_value(words)
    expect(drafts.get_by_text(words).first).to_be_visible()
    box.fill("")
    expect(drafts.get_by_role("article")).to_have_count(0)
    box.press_sequentially(IDEA)
    expect(drafts.get_by_role("heading", name="Idea 1")).to_be_visible()
    expect(drafts.get_by_text("What each word became")).to_be_visible()
    drafts.get_by_role("group", name="Parameters").get_by_label(re.compile("period|bars", re.IGNORECASE)).first.fill(
        "12"
    )
    page.get_by_label(re.compile("^My bars")).check()
    page.get_by_text("More: optimisation").click()
    page.get_by_label("Places of a parameter grid").fill("8")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("heading", name="What was asked for")).to_be_visible()


def test_an_idea_becomes_a_result_while_one_watches(
    page: Page, site: str, worker: BacktestsWorker, owner: Client, team: Workspace, bars: Path, complaints: list[str]
) -> None:
    enter(page, site, owner)
    bring(page, site, bars)
    ask(page, site)
    expect(page.get_by_role("heading", name="Results")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator("[data-poll-over]")).to_have_count(1, timeout=PATIENCE_MS)
    run = Run.objects.for_workspace(team).get()
    assert (run.status, run.error_text) == (Status.COMPLETE, "")
    assert 12 in Result.objects.filter(run=run, is_optimised=False).get().parameters.values()
    page.locator("table a").first.click()
    expect_drawn(page.locator("[data-chart=equity]"))
    with page.expect_download() as download:
        page.get_by_role("link", name="Code (Python)").click()
    assert "class " in Path(download.value.path()).read_text()
