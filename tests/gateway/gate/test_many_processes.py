"""Eight real processes at one key: together exactly the limit, refunds or not."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http import HTTPStatus

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import User, Workspace
from gateway.gate import limiter
from gateway.gate.interface import Ticket
from gateway.keys.services import create_key
from gateway.models import ApiKey
from moondev.lib import redis
from tests.gateway.server import Server, status_of

PROCESSES = 8
THREADS = 2
LIMIT = 1_000


def run_together(account: str, limit: int, mode: str) -> list[int]:
    """Start the processes, let them go at the same moment of a young minute, return what each was admitted."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.gateway.gate.hammer", account, *map(str, (limit, THREADS, PROCESSES)), mode],
        env={**os.environ, "REDIS_URL": settings.REDIS_URL},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    wait_for_young_minute()
    return [int(share) for share in process.communicate("go\n")[0].split()]


def wait_for_young_minute() -> None:
    """The hammering takes some seconds; it must not straddle two windows."""
    left = 60 - redis.client().time()[0] % 60
    if left < 20:
        time.sleep(left + 0.1)


@pytest.mark.slow(15)
@pytest.mark.parametrize("mode", ["keep", "fail"])
def test_it_admits_exactly_the_limit_over_eight_processes(ticket: Ticket, mode: str) -> None:
    admitted = run_together(ticket.account, LIMIT, mode)
    assert len(admitted) == PROCESSES
    assert sum(admitted) == LIMIT
    assert sum(1 for share in admitted if share) > 1, "one process alone took everything: nothing was contended"
    assert limiter.admit(ticket._replace(limit=LIMIT, cost=0)).used == LIMIT


@pytest.mark.slow(15)
@pytest.mark.django_db(transaction=True)
def test_it_admits_exactly_the_limit_over_a_servers_workers(workspace: Workspace, olivia: User) -> None:
    key, secret = create_key(workspace=workspace, actor=olivia, name="hammered")
    until = timezone.now() + timedelta(hours=1)
    ApiKey.objects.filter(pk=key.pk).update(rate_override=LIMIT, rate_override_until=until)
    with Server(workers=4, threads=2) as server:
        for _ in range(8):
            assert status_of(f"{server.url}/whoami", secret) == HTTPStatus.OK
        wait_for_young_minute()
        with ThreadPoolExecutor(8) as pool:
            statuses = list(pool.map(lambda _: status_of(f"{server.url}/usage", secret), range(LIMIT + 200)))
    assert statuses.count(HTTPStatus.OK) == LIMIT
    assert statuses.count(HTTPStatus.TOO_MANY_REQUESTS) == 200
