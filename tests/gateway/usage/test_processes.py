"""Counts of real server processes that end in every way a process can."""

from __future__ import annotations

import os
import signal
import time

import pytest

from accounts.models import User, Workspace
from gateway.keys.services import create_key
from gateway.models import UsageBatch
from gateway.usage.writer import FLUSH_SECONDS
from tests.gateway.server import Server, status_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def secret(workspace: Workspace, olivia: User) -> str:
    return create_key(workspace=workspace, actor=olivia, name="counted")[1]


def written() -> int:
    return sum(row[-1] for counts in UsageBatch.objects.values_list("counts", flat=True) for row in counts)


def ask(server: Server, secret: str, times: int) -> None:
    assert {status_of(f"{server.url}/whoami", secret) for _ in range(times)} == {200}


def wait_until_written(requests: int) -> None:
    """The product's deadline is a second; it may take three."""
    for _ in range(30):
        if written() >= requests:
            return
        time.sleep(FLUSH_SECONDS / 10)
    raise AssertionError(f"{written()} of {requests} requests were written")


def test_it_writes_within_a_second_and_loses_nothing_at_sigterm(secret: str) -> None:
    with Server(workers=2) as server:
        ask(server, secret, 20)
        wait_until_written(20)
        ask(server, secret, 13)
        server.end(signal.SIGTERM)
    assert written() == 33


def test_it_loses_nothing_when_a_worker_is_asked_to_end(secret: str) -> None:
    with Server() as server:
        ask(server, secret, 7)
        os.kill(server.workers[0], signal.SIGTERM)
        server.process.wait(30)
    assert written() == 7


def test_it_loses_at_most_the_last_second_at_a_kill(secret: str) -> None:
    with Server() as server:
        ask(server, secret, 10)
        wait_until_written(10)
        ask(server, secret, 3)
        for pid in server.workers:
            os.kill(pid, signal.SIGKILL)
        server.process.wait(30)
    assert 10 <= written() <= 13
