"""Waiting for somebody else's server without holding up a run that was cancelled."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import TypeVar

from backtests.rbi.stages.work import Work

Answer = TypeVar("Answer")
LOOK_SECONDS = 0.2


def wait(work: Work, ask: Callable[[], Answer], hang_up: Callable[[], None] = lambda: None) -> Answer:
    """What `ask` returns or raises; Stopped as soon as the run is not to be worked on, and then nobody waits for it."""
    box: queue.Queue[tuple[Answer | None, BaseException | None]] = queue.Queue(1)

    def do() -> None:
        try:
            box.put((ask(), None))
        except BaseException as error:
            box.put((None, error))

    threading.Thread(target=do, name="asking", daemon=True).start()
    try:
        answer, error = _taken(work, box)
    finally:
        hang_up()
    if error:
        raise error
    return answer  # type: ignore[return-value]


def _taken(
    work: Work, box: queue.Queue[tuple[Answer | None, BaseException | None]]
) -> tuple[Answer | None, BaseException | None]:
    while True:
        try:
            return box.get(timeout=LOOK_SECONDS)
        except queue.Empty:
            work.hold.check()
