"""The real sandbox as a process, one for each worker, emptied for each test that asks for it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest
import requests
import stripe
from django.db.models import Model
from pytest_django.fixtures import Settings

from billing.models import AddOn, Plan
from billing.payments import stripe_api
from tests.billing.sandbox.browser import Page, visit
from tests.live import ROOT, _free_port, _wait_or_kill, _wait_until_ready

KEY = "sk_test_sandbox"
GOOD_CARD = "4242424242424242"
DAY = 86_400
Said = TypeVar("Said")
# The fields of our own rows that hold a price's id.
PRICES: dict[type[Model], tuple[str, ...]] = {
    Plan: ("price_id_month", "price_id_year"),
    AddOn: ("price_id", "price_id_year"),
}
PriceIds = dict[type[Model], dict[Any, tuple[str, ...]]]
# By sandbox and name: what `fill` said, and the ids in our rows after it.
_filled: dict[tuple[str, str], tuple[Any, PriceIds]] = {}


class Sandbox:
    """What a test does with the sandbox. `api` is a client of it, as the product's own."""

    def __init__(self, url: str) -> None:
        self.url = url

    @property
    def api(self) -> stripe.StripeClient:
        return stripe_api.client()

    def filled(self, name: str, fill: Callable[[], Said]) -> Said:
        """Fill an empty sandbox, with the prices in our own rows; what is filled once a process comes back in one call.

        The answer is what `fill` said the first time.
        """
        known = (self.url, name)
        if known in _filled:
            said, prices = _filled[known]
            self.lever("restore", name=name)
            _write_prices(prices)
            return cast(Said, said)
        made = fill()
        self.lever("keep", name=name)
        _filled[known] = made, _read_prices()
        return made

    def lever(self, path: str, **given: Any) -> Any:
        """Pull a lever of /sandbox/ that is a POST."""
        answer = requests.post(f"{self.url}/sandbox/{path}", json=given, timeout=60)
        assert answer.ok, answer.text
        return answer.json()

    def advance(self, *, days: float = 0, seconds: int = 0) -> int:
        """Move its clock on; what falls due is done when this returns. The answer is its new time."""
        return int(self.lever("clock/advance", seconds=int(days * DAY) + seconds)["now"])

    def hold(self) -> None:
        """Keep events back from now on, for `pending` and `release`."""
        self.lever("webhooks/mode", hold=True)

    def webhooks(self, *, duplicate: bool = False, shuffle: bool = False, delay_ms: int = 0) -> None:
        """Send events as they come, so badly."""
        self.lever("webhooks/mode", duplicate=duplicate, shuffle=shuffle, delay_ms=delay_ms)

    def pending(self) -> list[tuple[dict[str, Any], str, str]]:
        """The events that are held, the oldest first: (event, body, signature); they stay held."""
        answer = requests.get(f"{self.url}/sandbox/webhooks/pending", timeout=60).json()
        return [(each["event"], each["body"], each["signature"]) for each in answer]

    def release(self) -> list[tuple[dict[str, Any], str, str]]:
        """Send what is held to the endpoints that there are, hold no more, and tell what it was."""
        return [(each["event"], each["body"], each["signature"]) for each in self.lever("webhooks/release")]

    def down(self, mode: str, seconds: float | None = None) -> None:
        """ "reset", "500", "timeout" or "429" on every call of the API, until `up`."""
        self.lever("down", mode=mode, seconds=seconds)

    def up(self) -> None:
        self.lever("down", mode="")

    def calls(self) -> list[tuple[str, str, str]]:
        """(method, path, idempotency key) of each call since the test began."""
        answer = requests.get(f"{self.url}/sandbox/calls", timeout=60).json()
        return [(each["method"], each["path"], each["idempotency_key"]) for each in answer]

    def pay(self, session_url: str, card: str = GOOD_CARD, *, factor: str = "complete", **fields: str) -> Page:
        """Fill in a hosted payment page as a buyer would; a second factor, where one is asked for, is answered.

        The page that is open afterwards: its `url` is the success URL when the payment went through.
        """
        page = visit(session_url)
        page = page.submit(page.form_with("card"), card=card, **fields)
        asked = any(("factor", factor) in form.buttons for form in page.forms)
        return page.press("factor", factor) if asked else page


def _read_prices() -> PriceIds:
    return {
        model: {pk: tuple(ids) for pk, *ids in model._default_manager.values_list("pk", *fields)}
        for model, fields in PRICES.items()
    }


def _write_prices(prices: PriceIds) -> None:
    for model, fields in PRICES.items():
        rows = [row for row in model._default_manager.all() if row.pk in prices[model]]
        for row in rows:
            vars(row).update(zip(fields, prices[model][row.pk], strict=True))
        model._default_manager.bulk_update(rows, fields)


def start_sandbox(data_dir: Path, port: int = 0, **variables: str) -> tuple[str, subprocess.Popen[bytes]]:
    """A process of its own, with its state in this folder; it answers when this returns. Port 0: a free one."""
    port = port or _free_port()
    url = f"http://127.0.0.1:{port}"
    log = data_dir / "log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "billing.sandbox", str(port)],
            cwd=ROOT,
            env={**os.environ, "DEBUG": "1", "DATA_DIR": str(data_dir), **variables},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _wait_until_ready(url, process, log)
    return url, process


@pytest.fixture(scope="session")
def _sandbox_url() -> Iterator[str]:
    data_dir = Path(os.environ["DATA_DIR"]) / "sandbox"
    data_dir.mkdir(exist_ok=True)
    url, process = start_sandbox(data_dir)
    yield url
    process.terminate()
    _wait_or_kill(process)


@pytest.fixture
def sandbox(request: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """An empty sandbox that the product and dj-stripe take for Stripe; Stripe itself for who asked for that."""
    from tests.billing.sandbox import account

    if account.is_wanted(request.config):
        return account.taken_for_stripe(settings)
    return taken_for_stripe(request.getfixturevalue("_sandbox_url"), settings, monkeypatch)


def taken_for_stripe(url: str, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """Empty a sandbox, and let the product and dj-stripe take it for Stripe."""
    settings.STRIPE_API_BASE = url
    settings.STRIPE_SECRET_KEY = KEY
    monkeypatch.setattr(stripe, "api_base", url)
    fresh = Sandbox(url)
    fresh.lever("reset")
    return fresh
