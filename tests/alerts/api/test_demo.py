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
from alerts import deliver
from alerts.models import Alert
from alerts.models.alert import Kind
from gateway.keys.services import create_key

pytestmark = pytest.mark.django_db(transaction=True)
PROGRAM = Path(__file__).resolve().parents[3] / "demos" / "demo_alerts_client.py"
Demo = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def demo(tmp_path: Path) -> Demo:
    """`demo(NAME="value")` runs it with these variables and no others."""

    def run(**environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, str(PROGRAM)],
            env={"PATH": os.defpath, "NO_PROXY": "*", **environment},
            cwd=tmp_path,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    return run


@pytest.fixture
def key(workspace: Workspace, olivia: User) -> str:
    return create_key(workspace=workspace, actor=olivia, name="demo")[1]


def check_failed(running: subprocess.Popen[str], reason: str) -> None:
    """Fails unless it ended with one clear line and no more."""
    output, errors = running.communicate(timeout=60)
    assert (running.returncode, output) == (1, "")
    assert reason in errors
    assert len(errors.splitlines()) == 1


@pytest.mark.slow
@pytest.mark.parametrize("kind", Kind.values)
def test_it_goes_from_a_preview_to_a_delivery(
    demo: Demo, live_server: LiveServer, key: str, market: None, kind: str
) -> None:
    running = demo(ALERTS_BASE_URL=f"{live_server.url}/", ALERTS_API_KEY=key, ALERTS_DEMO_TYPE=kind)
    while running.poll() is None:
        deliver.work()
    output, errors = running.communicate()
    assert (running.returncode, errors) == (0, "")
    assert f"{kind} at" in output
    assert "The workspace has 1 alert." in output
    assert "Delivered: The mail server took it." in output
    assert key not in output
    assert not Alert.objects.exists()


def test_it_says_what_the_platform_does_not_take(demo: Demo, live_server: LiveServer, key: str) -> None:
    given = {"ALERTS_BASE_URL": live_server.url, "ALERTS_API_KEY": key}
    check_failed(demo(**given, ALERTS_DEMO_TYPE="moon"), "/type: Choose one of liquidation_spike")


def test_it_needs_a_key(demo: Demo, live_server: LiveServer) -> None:
    check_failed(demo(ALERTS_BASE_URL=live_server.url), "ALERTS_API_KEY is not set")
    check_failed(demo(ALERTS_BASE_URL=live_server.url, ALERTS_API_KEY="wrong"), "answered 403")


def test_it_says_that_nobody_answers(demo: Demo) -> None:
    check_failed(demo(ALERTS_BASE_URL="http://127.0.0.1:9", ALERTS_API_KEY="x"), "cannot be reached (ConnectionError)")
