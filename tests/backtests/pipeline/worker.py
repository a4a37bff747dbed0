"""Real Celery workers of the queue `backtests` over the tests' database, which a test may kill."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from tests.live import ROOT, _wait_or_kill
from tests.worker import _wait_until_ready

OPTIONS = "worker --beat --queues backtests --pool threads --concurrency 3 --without-mingle --without-gossip"
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

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGTERM)
        _wait_or_kill(self.process)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Does nothing meanwhile, so that what is due is somebody else's."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """As when the machine loses its power: nothing is given back."""
        self.process.kill()
        self.process.wait()
