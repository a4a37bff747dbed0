"""What a request costs once its key is known."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from http import HTTPStatus

import pytest
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User, Workspace
from gateway.keys import changes
from gateway.keys.services import create_key
from tests.gateway.gate.throwaway import Valkey
from tests.gateway.keys.waiting import wait_until

REQUESTS = 3
# What the script does inside the server, what the subscription says, and how this test looks.
NO_TRIP = {"time", "hmget", "hset", "del", "expire", "ping", "info", "select"}


def trips_to(valkey: Valkey) -> Counter[str]:
    """What clients have asked so far, by command."""
    stats = valkey.ask("INFO", "commandstats")
    names = {name: name.removeprefix("cmdstat_") for name in stats}
    return Counter({names[name]: stats[name]["calls"] for name in stats if names[name] not in NO_TRIP})


@pytest.mark.django_db
def test_it_asks_redis_once_and_postgresql_never(
    valkey: Valkey,
    workspace: Workspace,
    olivia: User,
    django_assert_num_queries: Callable[[int], CaptureQueriesContext],
) -> None:
    _, secret = create_key(workspace=workspace, actor=olivia, name="first")
    keyed = Client(headers={"X-API-Key": secret})
    keyed.get("/whoami")
    wait_until(lambda: changes.listener().is_proven(time.monotonic()), seconds=5)
    keyed.get("/whoami")
    before = trips_to(valkey)
    with django_assert_num_queries(0):
        answers = [keyed.get("/whoami") for _ in range(REQUESTS)]
    assert {answer.status_code for answer in answers} == {HTTPStatus.OK}
    assert trips_to(valkey) - before == {"evalsha": REQUESTS}
