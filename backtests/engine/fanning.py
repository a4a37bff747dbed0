"""Several jobs at once, in order, all of them ended as soon as somebody cancels."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

from backtests.sandbox import Sandbox
from backtests.sandbox.job import Job, Outcome
from backtests.sandbox.started import Started

LOOK_SECONDS = 0.1


def processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0))


def outcomes(
    sandbox: Sandbox, jobs: Iterable[Job], *, parallel: int, cancelled: Callable[[], bool] | None = None
) -> Iterator[Outcome]:
    """The outcomes of jobs in their order, of which up to `parallel` run at once. Cancelled ones end as such."""
    running: deque[Started] = deque()
    try:
        for job in jobs:
            if len(running) >= parallel:
                yield _ended(running.popleft(), running, cancelled)
            running.append(sandbox.start(job))
        while running:
            yield _ended(running.popleft(), running, cancelled)
    finally:
        for started in running:
            started.cancel()


def _ended(started: Started, others: Iterable[Started], cancelled: Callable[[], bool] | None) -> Outcome:
    try:
        while True:
            with suppress(TimeoutError):
                return started.wait(LOOK_SECONDS if cancelled else None)
            if cancelled and cancelled():
                for one in (started, *others):
                    one.cancel()
    finally:
        # `cancelled` may raise instead; after its end a job does not mind.
        started.cancel()
