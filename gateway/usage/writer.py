"""Brings what this process counted to PostgreSQL: one batch a second, each exactly once.

A batch keeps its id until PostgreSQL has confirmed it, so a batch whose confirmation was lost is written again without
counting twice. At most one batch is under way; what is counted meanwhile waits in the meter, whose size is bounded.
"""

from __future__ import annotations

import multiprocessing.util
import os
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from django.db import Error as DatabaseError
from django.db import close_old_connections, connection
from django.db.utils import InterfaceError

from gateway.models import UsageBatch
from gateway.usage.meter import Counter, Meter, meter
from moondev.lib.clock import now

log = structlog.get_logger(__name__)

FLUSH_SECONDS = 1.0
# Folded batches are remembered for an hour. One that may have arrived and is older could be counted twice.
DOUBTFUL_FOR = timedelta(minutes=45)
AWAY = (DatabaseError, InterfaceError, OSError)


@dataclass(slots=True)
class Batch:
    """Counts on their way. `doubted_at`: when it was first sent without a confirmation."""

    counts: dict[Counter, int]
    id: uuid.UUID = field(default_factory=uuid.uuid4)
    created_at: datetime = field(default_factory=now)
    doubted_at: datetime | None = None


def store(batch: Batch) -> None:
    """Insert a batch and return when PostgreSQL has confirmed it; a second time changes nothing."""
    counts = [[*counter, requests] for counter, requests in batch.counts.items()]
    row = UsageBatch(id=batch.id, created_at=batch.created_at, counts=counts)
    UsageBatch.objects.bulk_create([row], ignore_conflicts=True)


class Writer:
    """One thread per process that empties the meter every second; `flush` does it at once."""

    def __init__(self, source: Meter, put: Callable[[Batch], None] = store) -> None:
        self._meter = source
        self._put = put
        self._lock = threading.Lock()
        self._batch: Batch | None = None
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()

    def start(self) -> None:
        """Start the thread of this process, once. Called on every counted request, so the usual case comes first."""
        if self._thread is not None:
            return
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="usage-writer", daemon=True)
                self._thread.start()
                # Not atexit: granian's workers are children of multiprocessing, which leave without it but run
                # these, after SIGTERM and their last request. In any other process atexit runs them.
                multiprocessing.util.Finalize(None, self.finish, exitpriority=100)

    def flush(self) -> bool:
        """Write everything counted so far. False: PostgreSQL is away and the counts are kept."""
        with self._lock:
            return self._send_pending() and self._send_pending()

    def forget(self) -> None:
        """Start anew after a fork: the parent's batch and thread stay with the parent."""
        self._meter.forget()
        self._lock = threading.Lock()
        self._batch, self._thread = None, None
        self._stopping = threading.Event()

    def finish(self) -> None:
        """The process ends: write what is left, and wait no longer than the database's own time-outs for it."""
        self._stopping.set()
        if self._thread is not None and not self.flush():
            log.error("usage counts of the last moments are lost", reason="PostgreSQL is away")
        connection.close()

    def _run(self) -> None:
        while not self._stopping.wait(FLUSH_SECONDS):
            try:
                self.flush()
                close_old_connections()
            except Exception:
                # Whatever it was, this thread is the only one that brings the counts home; the batch is tried again.
                log.exception("usage counts could not be written")

    def _send_pending(self) -> bool:
        """Send the batch under way, else a new one. True when it is confirmed or there is nothing to send."""
        if self._batch is None:
            counts = self._meter.take()
            if not counts:
                return True
            self._batch = Batch(counts)
        if _is_hopeless(self._batch):
            log.error("a usage batch is given up", batch=str(self._batch.id), requests=sum(self._batch.counts.values()))
        elif not self._send(self._batch):
            return False
        self._batch = None
        return True

    def _send(self, batch: Batch) -> bool:
        try:
            connection.ensure_connection()
        except AWAY as error:
            return self._put_off(error)
        try:
            self._put(batch)
        except AWAY as error:
            batch.doubted_at = batch.doubted_at or now()
            return self._put_off(error)
        return True

    def _put_off(self, error: Exception) -> bool:
        log.warning("usage counts wait for PostgreSQL", error=type(error).__name__)
        connection.close()
        return False


def _is_hopeless(batch: Batch) -> bool:
    return batch.doubted_at is not None and now() - batch.doubted_at > DOUBTFUL_FOR


writer = Writer(meter)
os.register_at_fork(after_in_child=writer.forget)
