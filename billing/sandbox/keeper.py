"""The threads beside the requests: one sends webhooks, one does what falls due and writes the file."""

from __future__ import annotations

import multiprocessing.util
import threading
import time
from collections.abc import Callable

import structlog

from billing.sandbox import clock, deliveries
from billing.sandbox.store import store

log = structlog.get_logger(__name__)
SECONDS = 1.0


def start() -> None:
    """Once a process."""
    for work in (deliveries.send_due, _keep):
        threading.Thread(target=_repeat, args=(work,), name=f"sandbox-{work.__name__}", daemon=True).start()
    # Not atexit: granian's workers leave without it but run these.
    multiprocessing.util.Finalize(None, store().save, exitpriority=100)


def _repeat(work: Callable[[], None]) -> None:
    while True:
        try:
            work()
        except Exception:
            # A fault of ours in one object must not stop the clock, or the events, of all others.
            log.exception("the sandbox stumbled")


def _keep() -> None:
    time.sleep(SECONDS)
    with store().lock:
        clock.run_until(store().now())
    if store().is_dirty:
        store().save()
