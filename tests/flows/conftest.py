"""What the flows share: a worker, and the whole product with a Stripe that takes no money."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.management import call_command
from pytest_django.fixtures import Settings

from tests.billing.sandbox.fixture import KEY, Sandbox, start_sandbox, taken_for_stripe
from tests.live import Services, _free_port, _wait_or_kill
from tests.worker import running_worker


@dataclass(frozen=True)
class Market:
    """The product's address, and the sandbox whose webhooks go there."""

    site: str
    sandbox: Sandbox


@pytest.fixture
def worker(transactional_db: None) -> Iterator[None]:
    """One Celery worker with beat inside, over the test's database."""
    with running_worker(DEBUG="1"):
        yield


@pytest.fixture(scope="session")
def _house(_services: Services) -> Iterator[tuple[str, str]]:
    """The whole product and a sandbox of its own; each of them is told where the other one is."""
    port = _free_port()
    stripe = {"STRIPE_API_BASE": f"http://127.0.0.1:{port}", "STRIPE_SECRET_KEY": KEY}
    site = _services.url("all", DEBUG="1", **stripe)
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
    with running_worker(DEBUG="1", PUBLIC_URL=site, STRIPE_API_BASE=url, STRIPE_SECRET_KEY=KEY):
        yield Market(site, sandbox)
        # What is still to be sent must not reach the next test.
        sandbox.lever("reset")
