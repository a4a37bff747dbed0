"""A real worker with its beat over the tests' database, as `make up` starts them."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from tests.live import ROOT, _wait_or_kill

READY_SECONDS = 60
STOP_SECONDS = 10
OPTIONS = "worker --pool threads --concurrency 4 --without-mingle --without-gossip --loglevel INFO"
# By variables: at most one, as it takes much memory.
_nurseries: dict[tuple[tuple[str, str], ...], Nursery] = {}


class Nursery:
    """A process that has imported the product and forks workers, one at a time: their imports are most of a start."""

    def __init__(self, variables: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.nursery"],
            cwd=ROOT,
            env={**os.environ, **variables},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )

    def start(self, options: list[str], log: Path) -> int:
        """The process id of a new worker."""
        self._pipe(self._process.stdin).write(json.dumps({"options": options, "log": str(log)}).encode() + b"\n")
        self._pipe(self._process.stdin).flush()
        return int(self._pipe(self._process.stdout).readline())

    def stop(self, worker: int) -> None:
        """Let it end, and make it when it does not."""
        answers = self._pipe(self._process.stdout)
        with suppress(ProcessLookupError):
            os.kill(worker, signal.SIGTERM)
        if not select.select([answers], [], [], STOP_SECONDS)[0]:
            with suppress(ProcessLookupError):
                os.killpg(worker, signal.SIGKILL)
        answers.readline()

    def close(self) -> None:
        self._pipe(self._process.stdin).close()
        _wait_or_kill(self._process)

    @staticmethod
    def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
        assert pipe
        return pipe


@contextmanager
def running_worker(**variables: str) -> Iterator[None]:
    """Works on whatever falls due, also by the clock, until the block ends. One at a time."""
    schedule = Path(os.environ["DATA_DIR"]) / "beat-schedule"
    schedule.unlink(missing_ok=True)
    with worker_without_beat("--beat", "--schedule", str(schedule), **variables):
        yield


@contextmanager
def worker_without_beat(*more: str, **variables: str) -> Iterator[None]:
    """The same, but only for what it is sent. `more` are words of its command."""
    log = Path(os.environ["DATA_DIR"]) / "worker.log"
    log.write_bytes(b"")
    nursery = _nursery(variables)
    worker = nursery.start([*OPTIONS.split(), *more], log)
    try:
        _wait_until_ready(lambda: _is_alive(worker), log)
        yield
    finally:
        nursery.stop(worker)


def _nursery(variables: dict[str, str]) -> Nursery:
    """Where workers with these variables come from; the one for others is closed."""
    wanted = tuple(sorted(variables.items()))
    if wanted not in _nurseries:
        close_nursery()
        _nurseries[wanted] = Nursery(variables)
    return _nurseries[wanted]


def close_nursery() -> None:
    while _nurseries:
        _nurseries.popitem()[1].close()


def _is_alive(process: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(process, 0)
        return True
    return False


def _wait_until_ready(is_alive: Callable[[], bool], log: Path) -> None:
    """Deadlines are about the work, not about the start of a worker on a busy machine."""
    deadline = time.monotonic() + READY_SECONDS
    while b" ready." not in log.read_bytes():
        if time.monotonic() > deadline or not is_alive():
            raise RuntimeError(f"the worker does not start:\n{log.read_text(errors='replace')[-4000:]}")
        time.sleep(0.1)
