"""This worker process's one sandbox: its warm parent takes two seconds to start, its children hundredths of one."""

from __future__ import annotations

import os
import signal
import threading

import structlog
from django.conf import settings

from backtests.hold import stopping
from backtests.sandbox import BoundaryMissing, Level, Sandbox

log = structlog.get_logger(__name__)
_lock = threading.Lock()
_started: list[Sandbox] = []


def sandbox() -> Sandbox:
    """The sandbox, started when it is first asked for. Raises BoundaryMissing on a machine that cannot hold one."""
    with _lock:
        if not _started:
            _started.append(Sandbox(weakest=Level.named(settings.SANDBOX_LEVEL)))
        return _started[0]


def check() -> None:
    """Start it now. Ends the process with one line that says why when the machine does not offer what is asked for."""
    try:
        sandbox().warm_up()
    except BoundaryMissing as missing:
        raise SystemExit(f"This worker cannot run backtests: {missing}") from None


def end_process(why: str) -> None:
    """Let this worker end: untrusted code and files are run and read behind a boundary or not at all."""
    log.critical("this worker ends: it has no sandbox that is strong enough", why=why)
    stopping.set()
    os.kill(os.getpid(), signal.SIGTERM)


def close() -> None:
    """Stop it, and whatever still runs in it."""
    with _lock:
        while _started:
            _started.pop().close()
