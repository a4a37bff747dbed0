"""Faults on request, the count of calls, the page for developers, and who may speak with the sandbox at all."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import time
from urllib.parse import urlsplit

import pytest
import requests
import stripe

from billing.payments.stripe_api import AWAY
from tests.billing.sandbox.browser import visit
from tests.billing.sandbox.fixture import Sandbox
from tests.live import ROOT


@pytest.mark.parametrize("mode", ["reset", "500", "429"])
def test_it_is_away_as_the_product_understands_it(sandbox: Sandbox, mode: str) -> None:
    sandbox.down(mode)
    with pytest.raises(AWAY):
        sandbox.api.v1.customers.create(options={"idempotency_key": "one"})
    sandbox.up()
    assert sandbox.api.v1.customers.list().data == []
    assert [call[2] for call in sandbox.calls()] == ["one", ""]


def test_it_hangs_until_it_is_mended(sandbox: Sandbox) -> None:
    sandbox.down("timeout")
    with pytest.raises(requests.Timeout):
        requests.get(f"{sandbox.url}/v1/events", auth=("sk_test_any", ""), timeout=0.5)
    sandbox.up()
    assert sandbox.api.v1.events.list().data == []


def test_it_mends_itself_after_a_time(sandbox: Sandbox) -> None:
    sandbox.down("500", seconds=0.5)
    with pytest.raises(stripe.APIError):
        sandbox.api.v1.events.list()
    time.sleep(0.6)
    assert sandbox.api.v1.events.list().data == []


def test_it_tells_which_calls_came(sandbox: Sandbox) -> None:
    customer = sandbox.api.v1.customers.create(options={"idempotency_key": "one"})
    sandbox.api.v1.customers.retrieve(customer.id)
    assert sandbox.calls() == [("POST", "/v1/customers", "one"), ("GET", f"/v1/customers/{customer.id}", "")]


def test_it_comes_back_as_it_was_kept(sandbox: Sandbox) -> None:
    kept = sandbox.api.v1.customers.create()
    before = sandbox.advance(days=30)
    sandbox.lever("keep", name="a customer")
    sandbox.api.v1.customers.create()
    sandbox.api.v1.customers.delete(kept.id)
    sandbox.advance(days=30)
    sandbox.down("500")
    for _ in range(2):
        sandbox.lever("restore", name="a customer")
        assert [found.id for found in sandbox.api.v1.customers.list().data] == [kept.id]
        assert sandbox.advance() - before < 60
        assert sandbox.calls() == [("GET", "/v1/customers", "")]
        sandbox.lever("reset")


def test_it_says_what_is_wrong_with_a_lever(sandbox: Sandbox) -> None:
    assert requests.post(f"{sandbox.url}/sandbox/down", json={"mode": "sideways"}, timeout=5).status_code == 400
    assert requests.post(f"{sandbox.url}/sandbox/clock/advance", json={}, timeout=5).status_code == 400
    assert requests.post(f"{sandbox.url}/sandbox/restore", json={"name": "never kept"}, timeout=5).status_code == 400
    assert requests.get(f"{sandbox.url}/sandbox/reset", timeout=5).status_code == 405


def test_it_shows_a_developer_what_it_holds(sandbox: Sandbox) -> None:
    sandbox.api.v1.customers.create(params={"email": "<olivia>@example.com"})
    page = visit(f"{sandbox.url}/")
    assert "no money moves" in page.text
    assert "customer.created" in page.text
    assert "<olivia>" not in page.text


def test_it_moves_its_clock_from_the_page(sandbox: Sandbox) -> None:
    before = sandbox.advance()
    page = visit(f"{sandbox.url}/")
    after = page.submit(next(form for form in page.forms if form.action.endswith("/week")))
    assert "7 days ahead" in after.text
    assert 7 * 86_400 <= sandbox.advance() - before < 7 * 86_400 + 60


@pytest.mark.parametrize(
    "headers", [{"Host": "evil.example"}, {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Host": ""}]
)
@pytest.mark.parametrize("path", ["/", "/v1/events", "/sandbox/reset", "/ready"])
def test_it_answers_this_machine_only(sandbox: Sandbox, headers: dict[str, str], path: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(sandbox.url).netloc, timeout=5)
    connection.request("POST", path, headers=headers)
    assert connection.getresponse().status in (400, 403)


def test_it_answers_probes(sandbox: Sandbox) -> None:
    for path in ("health", "ready"):
        assert requests.get(f"{sandbox.url}/{path}", timeout=5).json()["status"] == "ok"


def test_it_does_not_start_in_production() -> None:
    environment = {**os.environ, "DEBUG": "0", "MOONDEV_SERVICE": "sandbox"}
    found = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert found.returncode != 0
    assert "STRIPE_SECRET_KEY" in found.stderr
