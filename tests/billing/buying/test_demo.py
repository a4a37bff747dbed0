"""The demo client as anybody runs it: a program of its own, with nothing but its environment."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from accounts.models import User, Workspace
from gateway.keys.services import create_key
from tests.billing.sandbox.fixture import KEY, Sandbox
from tests.live import LiveService

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow(0.6)]
PROGRAM = Path(__file__).resolve().parents[3] / "demos" / "demo_billing_gateway_client.py"
BACK = "https://shop.example.com"
Demo = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def demo(tmp_path: Path) -> Demo:
    """`demo("checkout", NAME="value")` runs it with these variables and no others."""

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(PROGRAM), *arguments],
            env={"PATH": os.defpath, "NO_PROXY": "*", **environment},
            cwd=tmp_path,
            text=True,
            capture_output=True,
            timeout=60,
            check=False,
        )

    return run


def check_failed(done: subprocess.CompletedProcess[str], reason: str) -> None:
    """Fails unless it ended with one clear line and no more."""
    assert (done.returncode, done.stdout) == (1, "")
    assert reason in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_it_makes_a_page_on_which_to_pay(demo: Demo, shop: Sandbox, live_service: LiveService) -> None:
    variables = {"STRIPE_API_BASE": shop.url, "STRIPE_SECRET_KEY": KEY, "BILLING_RETURN_HOSTS": BACK}
    billing = live_service("billing", DEBUG="1", **variables)
    done = demo("checkout", BILLING_BASE_URL=billing, BILLING_SUCCESS_URL=f"{BACK}/ok")
    assert (done.returncode, done.stderr) == (0, "")
    assert "the plan pro" in done.stdout
    assert shop.pay(done.stdout.splitlines()[-1], email="demo@example.com").url == f"{BACK}/ok"


def test_it_says_what_the_platform_does_not_take(demo: Demo, live_server: LiveServer) -> None:
    check_failed(demo("checkout", BILLING_BASE_URL=live_server.url, BILLING_PLAN="gold"), "/plan")


def test_it_says_that_nobody_answers(demo: Demo) -> None:
    check_failed(demo("checkout", BILLING_BASE_URL="http://127.0.0.1:9"), "cannot be reached (ConnectionError)")


def test_it_shows_what_a_key_may_do(demo: Demo, live_server: LiveServer, workspace: Workspace, olivia: User) -> None:
    key = create_key(workspace=workspace, actor=olivia, name="demo")[1]
    done = demo("gateway", GATEWAY_BASE_URL=f"{live_server.url}/", GATEWAY_API_KEY=key)
    assert (done.returncode, done.stderr) == (0, "")
    assert "on the plan free: 60 requests a minute" in done.stdout
    assert "order_trade_time" in done.stdout
    assert key not in done.stdout


def test_it_needs_a_key_for_the_gateway(demo: Demo, live_server: LiveServer) -> None:
    check_failed(demo("gateway", GATEWAY_BASE_URL=live_server.url), "GATEWAY_API_KEY is not set")
    check_failed(demo("gateway", GATEWAY_BASE_URL=live_server.url, GATEWAY_API_KEY="wrong"), "answered 403")


@pytest.mark.parametrize("arguments", [(), ("buy",), ("checkout", "gateway")])
def test_it_explains_its_use(demo: Demo, arguments: tuple[str, ...]) -> None:
    done = demo(*arguments)
    assert done.returncode == 2
    assert "checkout|gateway" in done.stderr
