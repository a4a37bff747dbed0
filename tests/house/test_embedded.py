"""The embedded servers: private, without a port, safe against a kill, refused in production."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
import pytest
import redis
from celery import Celery
from django.core.exceptions import ImproperlyConfigured

from moondev import embedded
from moondev.embedded.account import Account
from moondev.embedded.home import Home

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def pair(open_folder: Path) -> Iterator[Path]:
    """A running pair; a test that stops it starts it again."""
    folder = open_folder / "pair"
    embedded.start(folder)
    yield folder
    embedded.stop(folder)


def url_of(pair: Path) -> str:
    return embedded.database_url(pair, allowed=True)


def client_of(pair: Path) -> redis.Redis:
    return redis.Redis.from_url(embedded.redis_url(pair, allowed=True))


def process_ids(pair: Path) -> list[int]:
    note = Home.find(pair).folder / "postgres" / "data" / "postmaster.pid"
    return [int(note.read_text().splitlines()[0]), int(client_of(pair).info()["process_id"])]


def test_it_answers_at_the_urls_that_settings_take(pair: Path) -> None:
    with psycopg.connect(url_of(pair)) as server:
        assert server.info.server_version >= 180000
    assert str(client_of(pair).info()["valkey_version"]).startswith("9.")


def test_it_keeps_both_sockets_to_their_user(pair: Path) -> None:
    sockets = Home.find(pair).sockets
    assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
    assert all(stat.S_IMODE(entry.stat().st_mode) == 0o700 for entry in sockets.iterdir() if entry.is_socket())


def test_it_keeps_the_password_to_its_owner(pair: Path) -> None:
    assert stat.S_IMODE((pair / "embedded.json").stat().st_mode) == 0o600
    assert not list(Home.find(pair).folder.rglob("password"))


def test_it_asks_for_the_password(pair: Path) -> None:
    parts = urlsplit(url_of(pair))
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(
            host=unquote(parts.netloc.rpartition("@")[2]), user="moondev", password="guess", dbname="moondev"
        )


def test_it_never_runs_as_root(pair: Path) -> None:
    assert all(Path(f"/proc/{number}").stat().st_uid != 0 for number in process_ids(pair))


def test_it_opens_no_port(pair: Path) -> None:
    with psycopg.connect(url_of(pair)) as server:
        assert server.execute("SHOW listen_addresses").fetchone() == ("",)
    assert client_of(pair).config_get("port") == {"port": "0"}


def test_it_keeps_every_write_of_valkey(pair: Path) -> None:
    settings = client_of(pair).config_get("appendonly", "maxmemory-policy")
    assert settings == {"appendonly": "yes", "maxmemory-policy": "noeviction"}


def test_it_starts_once(pair: Path) -> None:
    before = process_ids(pair)
    embedded.start(pair)
    assert process_ids(pair) == before


def test_it_keeps_the_data_over_a_stop(pair: Path) -> None:
    with psycopg.connect(url_of(pair), autocommit=True) as server:
        server.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    client_of(pair).set("kept", "yes")
    embedded.stop(pair)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url_of(pair))
    embedded.start(pair)
    with psycopg.connect(url_of(pair)) as server:
        assert server.execute("SELECT answer FROM kept").fetchone() == (42,)
    assert client_of(pair).get("kept") == b"yes"


def test_it_starts_again_after_a_kill(pair: Path) -> None:
    for number in process_ids(pair):
        os.kill(number, signal.SIGKILL)
    embedded.start(pair)
    psycopg.connect(url_of(pair)).close()
    assert client_of(pair).ping()


def test_it_starts_although_the_old_process_id_is_somebody_elses(pair: Path) -> None:
    embedded.stop(pair)
    note = Home.find(pair).folder / "postgres" / "data" / "postmaster.pid"
    note.write_text(f"{os.getppid()}\n")
    Home.find(pair).account.own(Home.find(pair).folder)
    embedded.start(pair)
    psycopg.connect(url_of(pair)).close()


def test_it_starts_in_a_folder_deeper_than_a_socket_path_may_be(open_folder: Path) -> None:
    folder = open_folder / ("deep-" * 30)
    embedded.start(folder)
    try:
        psycopg.connect(url_of(folder)).close()
        assert client_of(folder).ping()
        assert stat.S_IMODE(Home.find(folder).sockets.stat().st_mode) == 0o700
    finally:
        embedded.stop(folder)
        Home.find(folder).sockets.rmdir()


def test_it_refuses_a_socket_folder_that_somebody_else_made(open_folder: Path) -> None:
    folder = open_folder / "taken"
    folder.mkdir()
    home = Home.prepare(folder)
    (open_folder / "elsewhere").mkdir()
    home.sockets.rmdir()
    home.sockets.symlink_to(open_folder / "elsewhere")
    with pytest.raises(embedded.EmbeddedError, match="DATA_DIR"):
        embedded.start(folder)


def test_it_carries_celerys_messages(pair: Path) -> None:
    broker = (
        embedded.redis_url(pair, allowed=True).replace("unix://", "redis+socket://").replace("?db=0", "?virtual_host=3")
    )
    app = Celery(broker=broker)
    app.send_task("anything", ignore_result=True)
    assert client_of(pair).info("keyspace")["db3"]["keys"] >= 1


@pytest.mark.parametrize(
    ("url", "variable"), [(embedded.database_url, "DATABASE_URL"), (embedded.redis_url, "REDIS_URL")]
)
def test_it_is_refused_in_production(url: object, variable: str, tmp_path: Path) -> None:
    assert callable(url)
    with pytest.raises(ImproperlyConfigured, match=f"{variable} is not set.*ALLOW_EMBEDDED"):
        url(tmp_path, allowed=False)
    assert not list(tmp_path.iterdir())


def test_it_asks_the_system_who_may_enter(open_folder: Path) -> None:
    own = Account.choose(open_folder)
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    assert own.can_enter(open_folder)
    assert own.can_enter(closed) != own.dropped


def test_its_servers_hold_no_socket_but_unix_ones(pair: Path) -> None:
    for number in process_ids(pair):
        assert not _listens(number), f"process {number} listens on a port"


def _listens(process_id: int) -> bool:
    """Whether a process holds one of the listening TCP sockets of the machine."""
    listening = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A":
                listening.add(f"socket:[{fields[9]}]")
    held = set()
    for entry in os.scandir(f"/proc/{process_id}/fd"):
        # A file may be closed while we look, the one of this look among them.
        with contextlib.suppress(FileNotFoundError):
            held.add(os.readlink(entry.path))
    return bool(held & listening)


def test_the_look_for_ports_sees_one() -> None:
    with socket.create_server(("127.0.0.1", 0)):
        assert _listens(os.getpid())
