"""A real worker with its beat over the tests' database, as `make up` starts them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.live import ROOT, _wait_or_kill

OPTIONS = "worker --beat --pool threads --concurrency 4 --without-mingle --without-gossip --loglevel INFO"


@contextmanager
def running_worker(**variables: str) -> Iterator[None]:
    """Works on whatever falls due, also by the clock, until the block ends."""
    folder = Path(os.environ["DATA_DIR"])
    schedule = folder / "beat-schedule"
    schedule.unlink(missing_ok=True)
    with (folder / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "moondev.celery", *OPTIONS.split(), "--schedule", str(schedule)],
            cwd=ROOT,
            env={**os.environ, **variables},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        _wait_or_kill(process)
