"""What the flows share: a worker, and the whole product with a Stripe that takes no money."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.management import call_command
from playwright.sync_api import Page
from pytest_django.fixtures import Settings

from accounts.models import User, Workspace
from gateway.keys.services import create_key
from marketdata.catalogue import FEEDS
from marketdata.models import FeedState
from tests.billing.buying.test_demo import demo
from tests.billing.sandbox.fixture import KEY, Sandbox, start_sandbox, taken_for_stripe
from tests.flows.buyer import FREE, open_plans
from tests.flows.client import Client
from tests.live import Services, _free_port, _wait_or_kill
from tests.portal.conftest import Login, login
from tests.portal.test_look import enter
from tests.worker import running_worker

__all__ = ["demo", "login"]


@dataclass(frozen=True)
class Market:
    """The product's address, and the sandbox whose webhooks go there."""

    site: str
    sandbox: Sandbox


@pytest.fixture
def worker(transactional_db: None) -> Iterator[None]:
    """One Celery worker with beat inside, over the test's database. Its market begins with the last hours."""
    # A hundred thousand rows from before keep a busy machine from everything else for longer than any deadline.
    FeedState.objects.bulk_create(FeedState(source="simulated", feed=feed, has_history=True) for feed in FEEDS)
    with running_worker(DEBUG="1"):
        yield


@pytest.fixture(scope="session")
def _house(_services: Services) -> Iterator[tuple[str, str]]:
    """The whole product and a sandbox of its own; each of them is told where the other one is."""
    port = _free_port()
    site = _services.url("all", DEBUG="1", STRIPE_API_BASE=f"http://127.0.0.1:{port}", STRIPE_SECRET_KEY=KEY)
    data_dir = Path(os.environ["DATA_DIR"]) / "market"
    data_dir.mkdir(exist_ok=True)
    url, process = start_sandbox(data_dir, port, STRIPE_SANDBOX_WEBHOOK_URL=f"{site}/billing/webhook")
    yield site, url
    process.terminate()
    _wait_or_kill(process)


@pytest.fixture
def market(
    _house: tuple[str, str], transactional_db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Market]:
    """Everything on sale and a worker at work, as after `make up`."""
    site, url = _house
    cache.clear()
    sandbox = taken_for_stripe(url, settings, monkeypatch)
    call_command("stripe_setup", stdout=io.StringIO())
    # It plays no market, whose first look back is a hundred thousand rows.
    stripe = {"STRIPE_API_BASE": url, "STRIPE_SECRET_KEY": KEY}
    with running_worker(DEBUG="1", MARKET_DATA_SOURCE="files", PUBLIC_URL=site, **stripe):
        yield Market(site, sandbox)
        # What is still to be sent must not reach the next test.
        sandbox.lever("reset")


@pytest.fixture
def complaints(page: Page) -> Iterator[list[str]]:
    """What the browser complained about; a script or form refused by the policy would be here."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("console", lambda line: found.append(line.text) if line.type == "error" else None)
    yield found
    # What a page says of itself by its status is no complaint: a link that was used, a card that was declined.
    assert [line for line in found if not re.search(r"status of (402|404) ", line)] == []


@pytest.fixture
def client(market: Market, workspace: Workspace, olivia: User) -> Client:
    """Olivia's program, whose key she made while she was on free."""
    client = Client(market.site, create_key(workspace=workspace, actor=olivia, name="Bot", scopes=["data"])[1])
    assert client.plan() == FREE
    return client


@pytest.fixture
def at_plans(
    page: Page, market: Market, workspace: Workspace, olivia: User, login: Login, complaints: list[str]
) -> Page:
    """Olivia's browser, on the page with the plans."""
    enter(page, market.site, login(olivia))
    page.goto(f"{market.site}/portal/")
    open_plans(page)
    return page
