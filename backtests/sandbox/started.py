"""A job on its way: what its child has said so far, and in the end what came of it."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from backtests.sandbox import endings
from backtests.sandbox.answers import Answers
from backtests.sandbox.job import JSON, Job, Outcome
from backtests.sandbox.levels import BoundaryMissing, Level, NoProgram

logger = logging.getLogger(__name__)

# Printing more than this many times what is kept of a log is an attack or an endless loop.
LOG_FLOOD = 64
# Its child, its result, its log.
STREAMS = 3
# After its time is up: a cold zygote on a busy machine, and to spare.
PATIENCE_SECONDS = 60


class Started:
    """Handed out by Sandbox.start. Every method may be called from any thread."""

    def __init__(self, job: Job, level: Level, wire: socket.socket, abandon: Callable[[], None]) -> None:
        self.job, self.level = job, level
        self.called = time.monotonic()
        self._latest = self.called + job.limits.wall_sec + PATIENCE_SECONDS
        self._wire, self._abandon = wire, abandon
        self._answers = Answers(largest=job.limits.output_mb * 1024 * 1024)
        self._began: float | None = None
        self._log = bytearray()
        self._log_seen = 0
        self._ended: Mapping[str, Any] = {}
        self._reason = ""
        self._open = STREAMS
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._outcome: Outcome | None = None

    def wait(self, timeout: float | None = None) -> Outcome:
        """How it ended. TimeoutError when it has not within `timeout` seconds; the job goes on.

        BoundaryMissing when the child could not shut itself in, NoProgram when there is nothing to run.
        """
        most = max(0.0, self._latest - time.monotonic())
        if not self._over.wait(most if timeout is None else min(timeout, most)):
            if time.monotonic() < self._latest:
                raise TimeoutError("The job is still running.")
            # The zygote should have ended it long ago, and works no more.
            self._abandon()
            self._over.wait()
        with self._lock:
            if self._outcome is None:
                self._outcome = self._settle()
            return self._outcome

    def cancel(self) -> None:
        """End it and everything that it made, within two seconds. No harm when it has ended."""
        self._stop("cancelled")

    def progress(self) -> list[JSON]:
        """Messages that came since the last call."""
        with self._lock:
            messages, self._answers.progress = self._answers.progress, []
        return messages

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self._over.is_set()

    def hear_result(self, chunk: bytes) -> None:
        """The listening thread brings a piece of the result, or its end."""
        if not chunk:
            self._close_one()
            return
        with self._lock:
            self._answers.feed(chunk)
            if self._began is None and self._answers.began:
                self._began = time.monotonic()
        if self._answers.over:
            self._stop("answered")

    def hear_log(self, chunk: bytes) -> None:
        """The listening thread brings a piece of the log, or its end."""
        if not chunk:
            self._close_one()
            return
        kept = self.job.limits.log_kb * 1024
        self._log_seen += len(chunk)
        self._log += chunk[: max(0, kept - len(self._log))]
        if self._log_seen > LOG_FLOOD * kept:
            self._stop("log")

    def hear_end(self, chunk: bytes) -> None:
        """The listening thread brings the zygote's word on how the child ended, or the end of its wire."""
        if chunk:
            self._ended = json.loads(chunk)
        else:
            self._close_one()

    def _stop(self, reason: str) -> None:
        with self._lock:
            if self._reason or self._over.is_set():
                return
            self._reason = reason
        with suppress(OSError):
            self._wire.shutdown(socket.SHUT_WR)

    def _close_one(self) -> None:
        self._open -= 1
        if not self._open:
            self._over.set()
            self._wire.close()

    def _settle(self) -> Outcome:
        if missing := self._answers.refused or self._ended.get("missing"):
            raise BoundaryMissing(missing)
        if "no_program" in self._ended:
            raise NoProgram(self._ended["no_program"])
        if "failed" in self._ended:
            logger.error("The sandbox could not start a child: %s", self._ended["failed"])
        evidence = endings.Evidence(self.level, self._answers, self._ended, self._reason)
        ended, document, error = endings.judge(evidence)
        now = time.monotonic()
        return Outcome(
            ended=ended,
            document=document,
            error=error,
            log=endings.text_of_log(bytes(self._log), cut=self._log_seen > len(self._log)),
            level=self.level,
            seconds=float(self._ended.get("seconds", now - self.called)),
            started_after=(self._began or now) - self.called,
            peak_mb=self._ended.get("peak_mb"),
        )
