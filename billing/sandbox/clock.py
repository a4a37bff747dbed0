"""The sandbox's clock: what falls due is done in the order of time, by itself or when somebody advances it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from billing.sandbox.store import store

# When, in seconds since 1970, and what to do then. An action must move or end its own due time.
Work = tuple[int, Callable[[], None]]
Due = Callable[[], Iterable[Work]]
STEPS = 20_000

_registry: list[Due] = []


def due(look: Due) -> Due:
    """Register a function that lists all work that waits for a time, past or future.

    `@due def renewals(): return [(sub["…"], partial(renew, sub["id"])) for sub in store().rows("subscription")]`.
    It is asked again after every step. While an action runs, `store().now()` is the moment at which it was due.
    """
    _registry.append(look)
    return look


def advance(seconds: int) -> None:
    """Move the clock on, doing everything that falls due in between, in time order."""
    data = store()
    with data.lock:
        run_until(data.now() + seconds)
        data.offset += seconds


def run_until(moment: int) -> None:
    """Do all that is due until a moment, each piece at its own time."""
    data = store()
    for _ in range(STEPS):
        waiting = [work for look in _registry for work in look() if work[0] <= moment]
        if not waiting:
            return
        when, action = min(waiting, key=lambda work: work[0])
        data.is_dirty = True
        data.frozen = when
        try:
            action()
        finally:
            data.frozen = None
    raise RuntimeError("the same work falls due again and again")
