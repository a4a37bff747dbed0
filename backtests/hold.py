"""A worker's hold of a run: a heartbeat that keeps it, and the fence before every write.

A run is held by its `claim`. Whoever lost it (the process slept, the network was away) can store nothing any more.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal, Self

import structlog
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection, transaction
from django.db.models import F

from backtests.models import Run
from backtests.models.run import RunQuerySet
from backtests.queue import LEASE
from moondev.lib.clock import now
from moondev.lib.queue import State

Reason = Literal["", "cancelled", "timeout", "stopping", "lost"]
# Seconds between two looks whether the run was cancelled, and between two moves of the lease.
LOOK_EVERY, BEAT_EVERY = 0.25, LEASE.total_seconds() / 6
log = structlog.get_logger(__name__)
# Set when this process was asked to end: what it holds is given back.
stopping = threading.Event()


class Stopped(Exception):
    """The run is not to be worked on any longer, for this reason."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


class Hold:
    """`with Hold(run) as hold:` keeps the lease from ending and watches for reasons to stop."""

    def __init__(self, run: Run, *, every_look: Callable[[], None] = lambda: None) -> None:
        self.run = run
        self.reason: Reason = ""
        self._every_look = every_look
        self._over = threading.Event()
        self._beaten = self._began = time.monotonic()
        self._thread = threading.Thread(target=self._watch, name=f"hold {run.pk}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def stopped(self) -> bool:
        """Whether to leave off: asked by whatever takes long."""
        return bool(self.reason)

    def check(self) -> None:
        """Raise Stopped when the run is not to be worked on any longer."""
        if self.reason:
            raise Stopped(self.reason)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A transaction whose writes count only while the run is ours. Raises Stopped."""
        with transaction.atomic():
            if not self._mine().select_for_update(of=("self",)).values_list("pk").first():
                self.reason = "lost"
                raise Stopped("lost")
            yield

    def _mine(self) -> RunQuerySet:
        return Run.objects.filter(pk=self.run.pk, state=State.RUNNING, claim=self.run.claim)

    def _watch(self) -> None:
        try:
            while not self._over.wait(LOOK_EVERY) and not self.reason:
                self.look()
        finally:
            connection.close()

    def look(self) -> None:
        """Look now whether there is a reason to stop; the heartbeat does so four times a second."""
        try:
            self.reason = self._why()
            if time.monotonic() - self._beaten >= BEAT_EVERY:
                self._beat()
            self._every_look()
        except DatabaseError as error:
            log.warning("a heartbeat failed", run=self.run.pk, kind=type(error).__name__)
            if time.monotonic() - self._beaten > LEASE.total_seconds():
                self.reason = "lost"

    def _why(self) -> Reason:
        found = self._mine().values_list("cancel_requested_at", flat=True)[:1]
        if not found:
            return "lost"
        if found[0]:
            return "cancelled"
        if self.run.worked_seconds + time.monotonic() - self._began > settings.BACKTEST_RUN_SECONDS:
            return "timeout"
        return "stopping" if stopping.is_set() else ""

    def _beat(self) -> None:
        moment = time.monotonic()
        worked = F("worked_seconds") + (moment - self._beaten)
        if self._mine().update(lease_until=now() + LEASE, worked_seconds=worked):
            self._beaten = moment
        else:
            self.reason = "lost"
