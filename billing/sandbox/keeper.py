"""The threads beside the requests: one sends webhooks, one does what falls due and writes the file."""

from __future__ import annotations

import multiprocessing.util
import threading
import time

import structlog

from billing.sandbox import clock, deliveries
from billing.sandbox.store import store

log = structlog.get_logger(__name__)
SECONDS = 1.0


def start() -> None:
    """Once a process."""
    threading.Thread(target=deliveries.run, name="sandbox-webhooks", daemon=True).start()
    threading.Thread(target=_keep, name="sandbox-keeper", daemon=True).start()
    # Not atexit: granian's workers leave without it but run these.
    multiprocessing.util.Finalize(None, store().save, exitpriority=100)


def _keep() -> None:
    while True:
        time.sleep(SECONDS)
        try:
            with store().lock:
                clock.run_until(store().now())
            if store().is_dirty:
                store().save()
        except Exception:
            # A fault of ours in one object must not stop the clock of all others.
            log.exception("the sandbox's clock stumbled")
