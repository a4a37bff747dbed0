"""Two at once: what another thread does while a transaction of this one is open."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from django.db import connection


def start_beside(deed: Callable[[], object]) -> Future[object]:
    """Begin a deed in another thread; returns when it waits for a lock of this transaction, or is done."""
    pool = ThreadPoolExecutor(max_workers=1)
    future = pool.submit(_do, deed)
    pool.shutdown(wait=False)
    while not future.done() and not _somebody_waits():
        time.sleep(0.02)
    return future


def _do(deed: Callable[[], object]) -> object:
    try:
        return deed()
    finally:
        connection.close()


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
        )
        return bool(cursor.fetchone()[0])
