"""The real server over the tests' database, for tests that speak HTTP or drive a browser."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 60
LiveService = Callable[..., str]


class Services:
    """The servers that were started for this worker, by what they were asked to be."""

    def __init__(self) -> None:
        self._running: dict[tuple[object, ...], tuple[str, subprocess.Popen[bytes]]] = {}

    def url(self, service: str = "all", *, processes: int = 1, **variables: str) -> str:
        """The URL of a running server; asking twice for the same gives the same one."""
        wanted = (service, processes, *sorted(variables.items()))
        if wanted not in self._running or self._running[wanted][1].poll() is not None:
            self._running[wanted] = _start(service, processes, variables)
        return self._running[wanted][0]

    def stop(self) -> None:
        for _, process in self._running.values():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        for _, process in self._running.values():
            _wait_or_kill(process)


@pytest.fixture(scope="session")
def _services(django_db_setup: None) -> Iterator[Services]:
    services = Services()
    yield services
    services.stop()


@pytest.fixture
def live_service(_services: Services, transactional_db: None) -> LiveService:
    """`live_service("gateway", processes=2, NAME="value")` -> the URL of a real server on a port of its own.

    It reads what the test commits, so the test's rows are real and are removed after it.
    """
    return _services.url


@pytest.fixture
def mail_folder() -> Path:
    """Where live services put their letters, one file a letter."""
    return Path(os.environ["DATA_DIR"]) / "mail"


def _start(service: str, processes: int, variables: dict[str, str]) -> tuple[str, subprocess.Popen[bytes]]:
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    addresses = {"PUBLIC_URL": url, "GATEWAY_PUBLIC_URL": url, "MOONDEV_SERVICE": service}
    options = f"--interface wsgi --host 127.0.0.1 --port {port} --workers {processes} --blocking-threads 4 --no-ws"
    log = Path(os.environ["DATA_DIR"]) / f"{service}-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "granian", *options.split(), "tests.wsgi:application"],
            cwd=ROOT,
            env={**os.environ, **addresses, **variables},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _wait_until_ready(url, process, log)
    return url, process


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{url}/ready", timeout=5).close()
            return
        time.sleep(0.1)
    _wait_or_kill(process)
    raise RuntimeError(f"the server does not answer:\n{log.read_text(errors='replace')[-4000:]}")


def _wait_or_kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(10)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
