"""One real server whose processes a test may kill."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.live import ROOT
from tests.live import _free_port as free_port

START_SECONDS = 90


class Server:
    """granian over the tests' database. `workers` are the processes that answer, `process` the one that holds them."""

    def __init__(self, *, workers: int = 1, threads: int = 4, **variables: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        options = f"--interface wsgi --port {self.port} --workers {workers} --blocking-threads {threads} --no-ws"
        self.log = Path(os.environ["DATA_DIR"]) / f"server-{self.port}.log"
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "granian",
                    *options.split(),
                    f"--blocking-threads={threads}",
                    "moondev.wsgi:application",
                ],
                cwd=ROOT,
                env={**os.environ, "MOONDEV_SERVICE": "gateway", **variables},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def __enter__(self) -> Server:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(urllib.error.URLError, ConnectionError):
                urllib.request.urlopen(f"{self.url}/health", timeout=5).close()
                return self
            time.sleep(0.1)
        self.end(signal.SIGKILL)
        raise AssertionError(f"the server does not answer:\n{self.log.read_text(errors='replace')[-4000:]}")

    def __exit__(self, *_: object) -> None:
        self.end(signal.SIGKILL)

    @property
    def workers(self) -> list[int]:
        """The process ids of the workers."""
        text = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [pid for pid in map(int, text.split()) if b"spawn_main" in _command(pid) or b"granian" in _command(pid)]

    def end(self, number: signal.Signals) -> None:
        """Send a signal (SIGKILL to everybody) and wait for the end."""
        if self.process.poll() is None:
            if number is signal.SIGKILL:
                os.killpg(self.process.pid, number)
            else:
                self.process.send_signal(number)
        self.process.wait(30)


def status_of(url: str, secret: str) -> int:
    """The status of one GET with a key."""
    request = urllib.request.Request(url, headers={"X-API-Key": secret})
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return int(response.status)
    except urllib.error.HTTPError as refused:
        return refused.code


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
