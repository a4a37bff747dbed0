"""The servers under load: the same granian with other settings."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from tests.live import ROOT
from tests.live import _free_port as free_port

THREADS = 8
START_SECONDS = 120


class Server:
    """One worker process with several threads, in a process group of its own."""

    def __init__(self, settings: str, **variables: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        options = f"--interface wsgi --port {self.port} --workers 1 --blocking-threads {THREADS} --no-ws"
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": settings, "MOONDEV_SERVICE": "gateway", **variables}
        with (Path(os.environ["DATA_DIR"]) / f"{settings}.log").open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "granian", *options.split(), "moondev.wsgi:application"],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def group(self) -> int:
        return self.process.pid

    @property
    def worker(self) -> int:
        """The process that answers."""
        children = Path(f"/proc/{self.group}/task/{self.group}/children").read_text().split()
        return int(children[-1])

    def wait(self, path: str, header: str) -> None:
        """Return when the server answers a call with a header line."""
        name, _, value = header.partition(": ")
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                urllib.request.urlopen(urllib.request.Request(self.url + path, headers={name: value}), timeout=10)
            except OSError as error:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise SystemExit(f"{self.url}{path} does not answer: {error}") from error
                time.sleep(0.2)
            else:
                return

    def stop(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.group, signal.SIGTERM)
            self.process.wait(30)
