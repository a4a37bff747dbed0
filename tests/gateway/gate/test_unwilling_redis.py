"""Redis is there and takes no writes: the same as if it were away, and it mends itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http import HTTPStatus

import pytest
from django.test import Client

from accounts.models import User, Workspace
from gateway.gate.process import gate
from gateway.keys.services import create_key
from moondev.health import checks
from moondev.lib import redis
from tests.gateway.gate.test_without_redis import wait_for_probe
from tests.gateway.gate.throwaway import Valkey
from tests.gateway.keys.waiting import wait_until

pytestmark = [pytest.mark.django_db, pytest.mark.slow(0.5)]


def lack_replicas(valkey: Valkey) -> None:
    valkey.ask("CONFIG", "SET", "min-replicas-to-write", 1)


def find_replicas(valkey: Valkey) -> None:
    valkey.ask("CONFIG", "SET", "min-replicas-to-write", 0)


def fail_to_save(valkey: Valkey) -> None:
    """A folder is where the dump has to go, so it cannot be written, as on a full disk."""
    (valkey.folder / "dump.rdb").mkdir()
    valkey.ask("CONFIG", "SET", "save", "3600 1")
    _save(valkey, "err")


def save_again(valkey: Valkey) -> None:
    (valkey.folder / "dump.rdb").rmdir()
    _save(valkey, "ok")


def _save(valkey: Valkey, result: str) -> None:
    valkey.ask("BGSAVE")
    wait_until(lambda: valkey.ask("INFO", "persistence")["rdb_last_bgsave_status"] == result, seconds=5)


def run_out_of_memory(valkey: Valkey) -> None:
    valkey.ask("CONFIG", "SET", "maxmemory", 1)


def find_memory(valkey: Valkey) -> None:
    valkey.ask("CONFIG", "SET", "maxmemory", 0)


def lose_a_failover(valkey: Valkey) -> None:
    valkey.ask("REPLICAOF", "127.0.0.1", "1")


def win_a_failover(valkey: Valkey) -> None:
    valkey.ask("REPLICAOF", "NO", "ONE")


@pytest.fixture
def own_gate(valkey: Valkey) -> Iterator[None]:
    """A gate and a look at health that know nothing of other tests, nor these of them."""
    gate.cache_clear()
    checks.forget()
    yield
    gate.cache_clear()
    checks.forget()


def state_of_redis(client: Client) -> str:
    checks.forget()
    answer = client.get("/health")
    assert answer.status_code == HTTPStatus.OK
    return str(answer.json()["checks"]["redis"])


@pytest.mark.parametrize(
    ("spoil", "mend"),
    [
        (lack_replicas, find_replicas),
        (fail_to_save, save_again),
        (run_out_of_memory, find_memory),
        (lose_a_failover, win_a_failover),
    ],
)
@pytest.mark.usefixtures("own_gate")
def test_it_counts_alone_while_redis_takes_no_writes(
    valkey: Valkey, workspace: Workspace, olivia: User, spoil: Callable[[Valkey], None], mend: Callable[[Valkey], None]
) -> None:
    _, secret = create_key(workspace=workspace, actor=olivia, name="first")
    keyed, visitor = Client(headers={"X-API-Key": secret}), Client()
    assert keyed.get("/whoami").status_code == HTTPStatus.OK
    spoil(valkey)
    assert keyed.get("/whoami").status_code == HTTPStatus.OK
    assert visitor.get("/plans").status_code == HTTPStatus.OK
    assert state_of_redis(visitor) == "down"
    mend(valkey)
    wait_for_probe()
    assert keyed.get("/whoami").status_code == HTTPStatus.OK
    assert state_of_redis(visitor) == "ok"


def test_it_loses_its_subscription_quietly_when_redis_fails_to_save(valkey: Valkey) -> None:
    subscription = redis.subscriber()
    subscription.subscribe("anything")
    subscription.get_message(timeout=1)
    fail_to_save(valkey)
    subscription.ping()
    with pytest.raises(redis.AWAY):
        subscription.get_message(timeout=1)
    subscription.close()
