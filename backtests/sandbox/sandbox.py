"""The sandbox from outside: one warm zygote, and jobs that run in its children."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from types import TracebackType
from typing import Self

from backtests.sandbox.job import JSON, Job, Outcome
from backtests.sandbox.levels import Level
from backtests.sandbox.line import Line
from backtests.sandbox.probing import choose, probe
from backtests.sandbox.programs import PROGRAMS
from backtests.sandbox.started import Started
from backtests.sandbox.warmth import Load

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
        load: Load = "science",
    ) -> None:
        """At `level`, or the strongest that the machine offers; BoundaryMissing when that is weaker than `weakest`."""
        self.level = choose(level, weakest, probe())
        self._line = Line(programs, load=load)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def warm_up(self) -> None:
        """Start the zygote now, so that the first job need not wait for it."""
        self._line.warm_up()

    def close(self) -> None:
        """End the zygote and whatever still runs."""
        self._line.close()

    def start(self, job: Job) -> Started:
        """Send a job off. Its child starts as soon as the zygote is warm."""
        return self._line.start(job, self.level)

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
            while not _ended(started, LOOK_SECONDS if cancelled or on_progress else None):
                _hand_on(started, on_progress)
                if cancelled and cancelled():
                    started.cancel()
            _hand_on(started, on_progress)
            return started.wait()
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


def _ended(started: Started, seconds: float | None) -> bool:
    """Wait, and say whether it has ended."""
    with suppress(TimeoutError):
        started.wait(seconds)
        return True
    return False


def _hand_on(started: Started, on_progress: Callable[[JSON], None] | None) -> None:
    if on_progress:
        for message in started.progress():
            on_progress(message)
