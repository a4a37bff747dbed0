"""The demo client as anybody runs it: a program of its own, with nothing but its environment."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import User, Workspace
from backtests import queue, warm, work
from backtests.datasets.usual import DEFAULT
from gateway.keys.services import create_key
from tests.backtests.api.conftest import result_of
from tests.backtests.making import dataset_row, run_row

pytestmark = pytest.mark.django_db(transaction=True)
PROGRAM = Path(__file__).resolve().parents[3] / "demos" / "demo_backtest_dashboard_client.py"
IDEA = "buy when close crosses above SMA(20), sell when close crosses below SMA(20)"
Demo = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def demo(tmp_path: Path) -> Demo:
    """`demo("run", "an idea", NAME="value")` runs it with these arguments and variables and no others."""

    def run(*arguments: str, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, str(PROGRAM), *arguments],
            env={"PATH": os.defpath, "NO_PROXY": "*", **environment},
            cwd=tmp_path,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    return run


@pytest.fixture
def given(live_server: LiveServer, workspace: Workspace, olivia: User) -> dict[str, str]:
    key = create_key(workspace=workspace, actor=olivia, name="demo")[1]
    return {"DASHBOARD_BASE_URL": f"{live_server.url}/", "DASHBOARD_API_KEY": key}


@pytest.fixture
def worker(settings: Settings) -> Iterator[Callable[[], None]]:
    """Works on what is due, in this process."""
    settings.SANDBOX_LEVEL = "seccomp_no_open"

    def all_due() -> None:
        while run := queue.claim():
            work.perform(run)

    yield all_due
    warm.close()


def check_failed(running: subprocess.Popen[str], reason: str) -> None:
    """Fails unless it ended with one clear line and no more."""
    output, errors = running.communicate(timeout=60)
    assert (running.returncode, output) == (1, "")
    assert reason in errors
    assert len(errors.splitlines()) == 1


def test_it_prints_the_summary_and_the_best(demo: Demo, given: dict[str, str], workspace: Workspace) -> None:
    run = run_row(workspace)
    for value in (1.0, 30.0, None):
        result_of(run, return_pct=value)
    output, errors = demo(**given, DASHBOARD_WORKSPACE=workspace.slug).communicate(timeout=60)
    assert errors == ""
    assert f"Workspace {workspace.slug}: 3 backtests, 1 strategies, 3 data sets." in output
    assert output.index("return 30.00 %") < output.index("return 1.00 %") < output.index("return none")


def test_it_says_that_there_is_nothing_yet(demo: Demo, given: dict[str, str]) -> None:
    output, _ = demo(**given).communicate(timeout=60)
    assert "There are no backtests yet." in output


@pytest.mark.slow
def test_it_runs_an_idea_to_its_result(demo: Demo, given: dict[str, str], worker: Callable[[], None]) -> None:
    dataset_row(None, name=DEFAULT, count=600)
    running = demo("run", IDEA, **given)
    while running.poll() is None:
        worker()
    output, errors = running.communicate()
    assert (running.returncode, errors) == (0, "")
    assert "Backtest 'demo' is queued." in output
    assert f"on {DEFAULT}: return" in output


@pytest.mark.slow
def test_it_says_why_an_idea_came_to_nothing(demo: Demo, given: dict[str, str], worker: Callable[[], None]) -> None:
    dataset_row(None, name=DEFAULT, count=600)
    running = demo("run", "my dog likes the sofa", **given)
    while running.poll() is None:
        worker()
    _, errors = running.communicate()
    assert running.returncode == 1
    assert errors.startswith("Failed: the run ended as error: ")
    assert len(errors.splitlines()) == 1


def test_it_ends_with_one_line_when_a_call_fails(demo: Demo, given: dict[str, str]) -> None:
    check_failed(demo(DASHBOARD_BASE_URL=given["DASHBOARD_BASE_URL"]), "answered 401")
    check_failed(demo(**given | {"DASHBOARD_API_KEY": "wrong"}), "answered 403")
    check_failed(demo(**given, DASHBOARD_WORKSPACE="sam-co"), "answered 404")
    check_failed(demo("run", "# nothing", **given), "/ideas: ")
    check_failed(demo(DASHBOARD_BASE_URL="http://127.0.0.1:9"), "cannot be reached")


def test_it_explains_its_arguments(demo: Demo) -> None:
    running = demo("fly")
    _, errors = running.communicate(timeout=60)
    assert running.returncode == 2
    assert errors.startswith("usage: ")
