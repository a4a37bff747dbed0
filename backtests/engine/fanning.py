"""Several jobs at once, in order, all of them ended as soon as somebody cancels."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait

from backtests.sandbox import Sandbox
from backtests.sandbox.job import Job, Outcome

LOOK_SECONDS = 0.1


def processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0))


def outcomes(
    sandbox: Sandbox, jobs: Iterable[Callable[[], Job]], *, parallel: int, cancelled: Callable[[], bool] | None = None
) -> Iterator[Outcome]:
    """The outcomes of jobs in their order, of which up to `parallel` run at once. Cancelled ones end as such.

    Each job is made when its turn comes, since it may hold a whole data set. `cancelled` is asked in the caller's
    thread, so it may read the database.
    """
    stop = threading.Event()

    def run(made: Callable[[], Job]) -> Outcome:
        if stop.is_set():
            return Outcome("cancelled", None, None, "", sandbox.level, 0.0, 0.0, None)
        return sandbox.run(made(), cancelled=stop.is_set)

    with ThreadPoolExecutor(parallel) as pool:
        try:
            for future in [pool.submit(run, job) for job in jobs]:
                yield _ended(future, stop, cancelled)
        finally:
            # `cancelled` may have raised, or nobody wants the rest.
            stop.set()


def _ended(future: Future[Outcome], stop: threading.Event, cancelled: Callable[[], bool] | None) -> Outcome:
    while not wait([future], LOOK_SECONDS).done:
        if cancelled and cancelled():
            stop.set()
    return future.result()
