"""A change holds in another process within a second: with news, without news, and without Redis."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import User, Workspace
from accounts.services.workspaces import close_workspace
from billing.models import Plan
from billing.services import end_grant, grant
from gateway.keys import services
from gateway.keys.changes import Listener
from gateway.keys.record import KeyRecord
from gateway.keys.records import AWAY_SECONDS, RecordCache
from gateway.keys.source import DatabaseAway, Source
from moondev.lib import redis
from moondev.lib.errors import Unavailable
from tests.fakes.proxy import Proxy
from tests.gateway.keys.conftest import MakeKey
from tests.gateway.keys.waiting import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

# What the product promises.
DEADLINE = 1.0


class Watcher:
    """A second process behind proxies of its own."""

    def __init__(self, process: subprocess.Popen[str], postgres: Proxy, valkey: Proxy) -> None:
        self._process, self.postgres, self.valkey = process, postgres, valkey

    def ask(self, line: str) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        while answer := self._process.stdout.readline():
            # Log lines go the same way.
            if answer.startswith("> "):
                found: dict[str, Any] = json.loads(answer[2:])
                return found
        raise AssertionError("the watcher has ended")

    def state(self, secret: str) -> str:
        return str(self.ask(f"look {secret}")["state"])

    def hears(self) -> bool:
        return bool(self.ask("hear")["proven"])

    def wait_for(self, secret: str, state: str) -> None:
        wait_until(lambda: self.state(secret) == state, seconds=DEADLINE)

    def wait_until_it_hears(self) -> None:
        wait_until(self.hears, seconds=10)


@pytest.fixture
def watcher(transactional_db: None) -> Iterator[Watcher]:
    """Started, and listening."""
    with tempfile.TemporaryDirectory(prefix="k") as text:
        folder = Path(text)
        folder.chmod(0o755)
        database = urlsplit(settings.DATABASE_URL)
        socket_folder = unquote(database.hostname or "") if "%2f" not in database.netloc.lower() else None
        host = database.netloc.rpartition("@")[2]
        real = Path(socket_folder or unquote(host)) / ".s.PGSQL.5432"
        cache = urlsplit(settings.REDIS_URL)
        with (
            Proxy(folder / ".s.PGSQL.5432", real) as postgres,
            Proxy(folder / "v.sock", Path(cache.path)) as valkey,
        ):
            variables = {
                **os.environ,
                "DATABASE_URL": settings.DATABASE_URL.replace(host, quote(str(folder), safe="")),
                "REDIS_URL": f"unix://{valkey.path}?{cache.query}",
            }
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.gateway.keys.watcher"],
                env=variables,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            found = Watcher(process, postgres, valkey)
            try:
                found.wait_until_it_hears()
                yield found
            finally:
                process.kill()
                process.wait()


@pytest.fixture(params=["hearing", "killed", "deaf", "without Redis"])
def disturbed(watcher: Watcher, request: pytest.FixtureRequest) -> Callable[[], None]:
    """What happens to the watcher's subscription just before a change."""

    def kill() -> None:
        number = redis.client().connection_pool.connection_kwargs.get("db") or 0
        for client in redis.client().client_list(_type="pubsub"):
            if client["db"] == str(number):
                redis.client().client_kill_filter(_id=client["id"])

    return {
        "hearing": lambda: None,
        "killed": kill,
        "deaf": lambda: setattr(watcher.valkey, "deaf", True),
        "without Redis": watcher.valkey.cut,
    }[request.param]


def test_it_holds_a_revocation_everywhere_within_a_second(
    watcher: Watcher, disturbed: Callable[[], None], make_key: MakeKey, olivia: User
) -> None:
    key, secret = make_key()
    assert watcher.state(secret) == "open"
    disturbed()
    services.revoke_key(key=key, actor=olivia)
    watcher.wait_for(secret, "revoked")


def test_it_holds_every_other_change_everywhere_within_a_second(
    watcher: Watcher, disturbed: Callable[[], None], make_key: MakeKey, workspace: Workspace, olivia: User, rita: User
) -> None:
    key, secret = make_key()
    ends_at = timezone.now() + timedelta(days=1)
    row = grant(workspace=workspace, plan="pro", reason="trial", ends_at=ends_at, actor=rita)

    def limit() -> int:
        return int(watcher.ask(f"look {secret}").get("limit", 0))

    assert limit() == 600
    disturbed()
    plan = Plan.objects.get(name="pro")
    plan.requests_per_minute = 500
    plan.save()
    wait_until(lambda: limit() == 500, seconds=DEADLINE)
    end_grant(entitlement=row, actor=rita)
    wait_until(lambda: limit() == 60, seconds=DEADLINE)
    services.set_enabled(key=key, actor=olivia, enabled=False)
    watcher.wait_for(secret, "not enabled")
    services.set_enabled(key=key, actor=olivia, enabled=True)
    watcher.wait_for(secret, "open")
    close_workspace(workspace=workspace, actor=olivia)
    watcher.wait_for(secret, "not workspace_open")


def test_it_knows_a_key_at_once_that_it_was_asked_for_before(watcher: Watcher, make_key: MakeKey, olivia: User) -> None:
    key, _ = make_key()
    _, secret = services.rotate_key(key=key, actor=olivia, grace=timedelta(0))
    assert watcher.state(secret) == "open"


def test_it_asks_postgresql_about_nothing_while_news_arrive(watcher: Watcher, make_key: MakeKey) -> None:
    _, secret = make_key()
    # A machine that is busy enough to delay a PONG may cause a reading; three in a row may not.
    for _ in range(3):
        watcher.wait_until_it_hears()
        before = watcher.ask(f"look {secret}")["reads"]
        time.sleep(2.5)
        after = watcher.ask(f"look {secret}")["reads"]
        if after == before:
            return
    raise AssertionError("a warm key was read again and again")


def test_it_asks_postgresql_at_most_once_a_second_without_redis(watcher: Watcher, make_key: MakeKey) -> None:
    _, secret = make_key()
    watcher.valkey.cut()
    before, started = watcher.ask(f"look {secret}")["reads"], time.monotonic()
    looks = 0
    while time.monotonic() - started < 3:
        assert watcher.state(secret) == "open"
        looks += 1
    reads = watcher.ask(f"look {secret}")["reads"] - before
    assert looks > 10
    # One a second, one for the second that had begun, and one for the loss of the subscription.
    assert 1 <= reads <= time.monotonic() - started + 2


def test_it_lets_a_known_key_pass_with_both_gone_and_recovers_by_itself(
    watcher: Watcher, make_key: MakeKey, olivia: User
) -> None:
    key, secret = make_key()
    _, other = make_key()
    assert watcher.state(secret) == "open"
    watcher.valkey.cut()
    watcher.postgres.cut()
    started = time.monotonic()
    while time.monotonic() - started < 3:
        assert watcher.state(secret) == "open"
    assert watcher.state(other) == "away"
    # Once it is known that PostgreSQL is away nobody waits for it.
    assert watcher.ask(f"look {secret}")["seconds"] < 1
    services.revoke_key(key=key, actor=olivia)
    watcher.postgres.mend()
    watcher.valkey.mend()
    wait_until(lambda: watcher.state(secret) == "revoked", seconds=5)
    wait_until(lambda: watcher.state(other) == "open", seconds=5)
    watcher.wait_until_it_hears()


def test_it_listens_anew_in_a_forked_child(watcher: Watcher, make_key: MakeKey) -> None:
    _, secret = make_key()
    assert watcher.state(secret) == "open"
    found = watcher.ask(f"fork {secret}")
    assert (found["state"], found["proven"]) == ("open", True)
    assert watcher.state(secret) == "open"


class AwaySource(Source):
    """PostgreSQL that goes away."""

    is_away = False

    def read(self, secret: str) -> KeyRecord | None:
        if self.is_away:
            raise DatabaseAway
        return super().read(secret)


def test_it_lets_nothing_pass_that_was_not_confirmed_for_a_minute(make_key: MakeKey, listening: Listener) -> None:
    _, secret = make_key()
    source = AwaySource()
    clock = Clock()
    cache = RecordCache(listening, source=source, clock=clock)
    assert cache.find(secret) is not None
    source.is_away = True
    clock.ahead = AWAY_SECONDS - 1
    assert cache.find(secret) is not None
    clock.ahead = AWAY_SECONDS + 1
    with pytest.raises(Unavailable):
        cache.find(secret)


def test_it_lets_known_keys_pass_without_postgresql_while_nothing_is_new(make_key: MakeKey) -> None:
    _, secret = make_key()
    source, clock, listener = AwaySource(), Clock(), HearingListener()
    cache = RecordCache(listener, source=source, clock=clock)
    # Each of the two subscriptions makes what was read before it old.
    wait_until(lambda: cache.find(secret) is not None and listener.news.last >= 2, seconds=5)
    assert cache.find(secret) is not None
    source.is_away = True
    clock.ahead = 10 * AWAY_SECONDS
    assert cache.find(secret) is not None
    listener.news.note(None)
    with pytest.raises(Unavailable):
        cache.find(secret)


def test_it_refuses_a_key_that_may_have_been_stopped_while_postgresql_is_away(
    make_key: MakeKey, listening: Listener, workspace: Workspace
) -> None:
    _, secret = make_key()
    source = AwaySource()
    cache = RecordCache(listening, source=source)
    cache.find(secret)
    source.is_away = True
    # A plan was edited, another key was made: no reason to refuse anybody.
    listening.news.note(None)
    listening.news.note(workspace.pk)
    assert cache.find(secret) is not None
    listening.news.note(workspace.pk, stops=True)
    with pytest.raises(Unavailable):
        cache.find(secret)


class HearingListener(Listener):
    """A subscription that is always proven."""

    def hears(self, now: float) -> bool:
        return True


class Clock:
    """The monotonic clock, ahead by some seconds."""

    ahead = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead
