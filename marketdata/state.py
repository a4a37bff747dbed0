"""What a feed is at, known without a look at its rows, and remembered by each process for a second."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.conf import settings

from marketdata.models import FeedState
from moondev.lib.clock import now

REMEMBERED_SEC = 1.0
STALE_AFTER_SEC = 60


@dataclass(frozen=True, slots=True)
class State:
    """A feed of one source: `version` and `last_id` name its exact content."""

    source: str
    feed: str
    version: int = 0
    rows: int = 0
    last_id: int = 0
    oldest: datetime | None = None
    newest: datetime | None = None
    changed_at: datetime | None = None
    read_at: datetime | None = None
    has_history: bool = False

    @property
    def age_sec(self) -> int | None:
        """Seconds since the source was last read without a failure; None where it never was."""
        return None if self.read_at is None else max(0, int((now() - self.read_at).total_seconds()))


@dataclass(frozen=True, slots=True)
class Health:
    """How old the numbers are. `empty`: nothing was ever stored. Says nothing about where they come from."""

    status: Literal["fresh", "stale", "empty"]
    age_sec: int | None


def served_source() -> str:
    """The one source that every reader sees."""
    return str(settings.MARKET_DATA_SOURCE)


def is_simulated() -> bool:
    return served_source() == "simulated"


def is_live() -> bool:
    """Whether the served source is read by the clock; imported files are as fresh as their last import."""
    return served_source() != "files"


class _Memory:
    """The last states read, by source and feed, for `REMEMBERED_SEC`."""

    def __init__(self) -> None:
        self._states: dict[tuple[str, str], tuple[float, State]] = {}
        self._lock = threading.Lock()

    def get(self, source: str, feed: str) -> State:
        key, present = (source, feed), time.monotonic()
        known = self._states.get(key)
        if known is not None and present - known[0] < REMEMBERED_SEC:
            return known[1]
        state = read_state(source, feed)
        with self._lock:
            self._states[key] = (present, state)
        return state

    def clear(self) -> None:
        with self._lock:
            self._states.clear()


_memory = _Memory()
forget = _memory.clear


def state_of(feed: str) -> State:
    """The state of a feed of the served source, at most a second old."""
    return _memory.get(served_source(), feed)


def read_state(source: str, feed: str) -> State:
    """The state of a feed as the database has it."""
    row = FeedState.objects.filter(source=source, feed=feed).first()
    if row is None:
        return State(source, feed)
    return State(
        source=source,
        feed=feed,
        version=row.version,
        rows=row.rows,
        last_id=row.last_id,
        oldest=row.oldest,
        newest=row.newest,
        changed_at=row.changed_at,
        read_at=row.read_at,
        has_history=row.has_history,
    )


def health() -> Health:
    """Whether the served numbers are fresh: the feed that was read longest ago decides."""
    reads = list(FeedState.objects.filter(source=served_source()).values_list("read_at", flat=True))
    known = [moment for moment in reads if moment is not None]
    if not known:
        return Health("empty", None)
    age = max(0, int((now() - min(known)).total_seconds()))
    return Health("stale" if is_live() and age > STALE_AFTER_SEC else "fresh", age)
