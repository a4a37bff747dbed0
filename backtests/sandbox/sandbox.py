"""The sandbox from outside: one warm zygote, and jobs that run in its children."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from types import TracebackType
from typing import Self

from backtests.sandbox.held import close_all, read_only
from backtests.sandbox.inside.order import Order
from backtests.sandbox.job import JSON, Job, Outcome
from backtests.sandbox.levels import Level
from backtests.sandbox.listening import Listening
from backtests.sandbox.programs import PROGRAMS
from backtests.sandbox.started import Started
from backtests.sandbox.warmth import Warmth

# How often a waiting `run` asks whether it was cancelled and hands progress on.
LOOK_SECONDS = 0.1


class Sandbox:
    """Runs jobs, several at a time. May be used from many threads; a fork of its process gets a zygote of its own."""

    def __init__(
        self,
        *,
        level: Level | None = None,
        weakest: Level = Level.NAMESPACES,
        programs: Mapping[str, str] = PROGRAMS,
    ) -> None:
        """BoundaryMissing when the machine does not offer `level`, or offers nothing as strong as `weakest`."""
        self.level = Level.NAMESPACES if level is None else level
        self._programs = programs
        self._lock = threading.Lock()
        self._warmth: Warmth | None = None
        self._listening: Listening | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def warm_up(self) -> None:
        """Start the zygote now, so that the first job need not wait for it."""
        with self._lock:
            self._ready()

    def close(self) -> None:
        """End the zygote and whatever still runs."""
        with self._lock:
            self._let_go()

    def start(self, job: Job) -> Started:
        """Send a job off. The child starts as soon as the zygote is warm."""
        with self._lock:
            try:
                return self._send(job)
            except (BrokenPipeError, ConnectionResetError):
                # It died since it was last looked at: the next one is new.
                return self._send(job)

    def run(
        self,
        job: Job,
        *,
        cancelled: Callable[[], bool] | None = None,
        on_progress: Callable[[JSON], None] | None = None,
    ) -> Outcome:
        """Run a job to its end, handing progress on meanwhile and ending it as soon as `cancelled` says so."""
        started = self.start(job)
        try:
            while True:
                _hand_on(started, on_progress)
                with suppress(TimeoutError):
                    outcome = started.wait(LOOK_SECONDS if cancelled or on_progress else None)
                    _hand_on(started, on_progress)
                    return outcome
                if cancelled and cancelled():
                    started.cancel()
        finally:
            started.cancel()

    def map(self, jobs: Iterable[Job], *, parallel: int) -> Iterator[Outcome]:
        """The outcomes in the order of the jobs, of which up to `parallel` run at once."""
        unwanted = threading.Event()
        runners = ThreadPoolExecutor(parallel, thread_name_prefix="sandbox")
        try:
            yield from runners.map(lambda job: self.run(job, cancelled=unwanted.is_set), jobs)
        finally:
            # Whoever stops asking for outcomes wants no further ones.
            unwanted.set()
            runners.shutdown(cancel_futures=True)

    def _ready(self) -> tuple[Warmth, Listening]:
        """The zygote, a new one when there is none or it has died, and the thread that listens."""
        if self._warmth and self._listening and self._warmth.lives():
            return self._warmth, self._listening
        self._let_go()
        self._listening = Listening()
        self._warmth = Warmth(self._programs, load="science")
        self._listening.add(os.dup(self._warmth.control.fileno()), self._warmth.hear)
        return self._warmth, self._listening

    def _let_go(self) -> None:
        """End zygote and thread; in a fork of their process, only forget them."""
        warmth, listening = self._warmth, self._listening
        self._warmth = self._listening = None
        if warmth:
            warmth.close()
        if warmth and listening and warmth.owner == os.getpid():
            listening.close()

    def _send(self, job: Job) -> Started:
        warmth, listening = self._ready()
        warmth.check_fit()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        (result, result_end), (log, log_end) = os.pipe(), os.pipe()
        given = [theirs.detach(), result_end, log_end]
        try:
            given.append(read_only(json.dumps(dict(job.payload)).encode()))
            given += [read_only(content) for content in job.files.values()]
            Order(job.program, self.level, job.limits, list(job.files)).send(warmth.control, given)
        except BaseException:
            close_all([result, log])
            ours.close()
            raise
        finally:
            close_all(given)
        started = Started(job, self.level, ours)
        listening.add(result, started.hear_result)
        listening.add(log, started.hear_log)
        listening.add(os.dup(ours.fileno()), started.hear_end)
        return started


def _hand_on(started: Started, on_progress: Callable[[JSON], None] | None) -> None:
    for message in started.progress() if on_progress else ():
        on_progress(message)
