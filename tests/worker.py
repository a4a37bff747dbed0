"""A real worker with its beat over the tests' database, as `make up` starts them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.live import ROOT, _wait_or_kill

READY_SECONDS = 60
OPTIONS = "worker --pool threads --concurrency 4 --without-mingle --without-gossip --loglevel INFO"


@contextmanager
def running_worker(*, beat: bool = True, **variables: str) -> Iterator[None]:
    """Works on whatever falls due, with beat also by the clock, until the block ends."""
    folder = Path(os.environ["DATA_DIR"])
    schedule = folder / "beat-schedule"
    schedule.unlink(missing_ok=True)
    clock = ["--beat", "--schedule", str(schedule)] if beat else []
    with (folder / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "moondev.celery", *OPTIONS.split(), *clock],
            cwd=ROOT,
            env={**os.environ, **variables},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_until_ready(process, folder / "worker.log")
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        _wait_or_kill(process)


def _wait_until_ready(process: subprocess.Popen[bytes], log: Path) -> None:
    """Deadlines are about the work, not about the start of a worker on a busy machine."""
    deadline = time.monotonic() + READY_SECONDS
    while b" ready." not in log.read_bytes():
        if time.monotonic() > deadline or process.poll() is not None:
            raise RuntimeError(f"the worker does not start:\n{log.read_text(errors='replace')[-4000:]}")
        time.sleep(0.1)
