"""Real Celery workers of the queue `backtests` over the tests' database, which a test may kill."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from django.db import connection

from tests.live import ROOT, _wait_or_kill
from tests.worker import _wait_until_ready

OPTIONS = "worker --beat --queues backtests --pool threads --concurrency 3 --without-mingle --without-gossip"
AT_WORK = """
    SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle'
        AND backend_type = 'client backend' AND pid <> pg_backend_pid())"""
numbers = itertools.count(1)


class BacktestsWorker:
    """`with BacktestsWorker(NAME="value") as worker:`; strategies run at whatever isolating level there is.

    `before` are the words of a command that starts the worker's.
    """

    def __init__(self, *before: str, **variables: str) -> None:
        self._before = before
        self._folder = Path(os.environ["DATA_DIR"])
        self._number = next(numbers)
        self._variables = {"SANDBOX_LEVEL": "seccomp_no_open", "BACKTEST_LEASE_SECONDS": "6", **variables}
        self.process: subprocess.Popen[bytes]

    @property
    def log(self) -> Path:
        return self._folder / f"backtests-worker-{self._number}.log"

    def __enter__(self) -> Self:
        schedule = self._folder / f"beat-schedule-{self._number}"
        options = [*OPTIONS.split(), "--loglevel", "INFO", "--hostname", f"b{self._number}@%h"]
        celery = [sys.executable, "-m", "celery", "-A", "moondev.celery", *options, "--schedule", str(schedule)]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*self._before, *celery],
                cwd=ROOT,
                env={**os.environ, **self._variables},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        _wait_until_ready(lambda: self.process.poll() is None, self.log)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.process.send_signal(signal.SIGTERM)
        _wait_or_kill(self.process)
        if error:
            error.add_note(self.log.read_text(errors="replace")[-4000:])

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Does nothing meanwhile, so that what is due is somebody else's."""
        self.process.send_signal(signal.SIGSTOP)
        while somebody_is_at_work():
            # What it holds a lock of, nobody else could take.
            self.process.send_signal(signal.SIGCONT)
            time.sleep(0.05)
            self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """As when the machine loses its power: nothing is given back."""
        self.process.kill()
        self.process.wait()


def somebody_is_at_work() -> bool:
    """Whether anything but this process is within a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(AT_WORK)
        return bool(cursor.fetchone()[0])
