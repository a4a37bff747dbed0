"""What this process counted: one number per workspace, key, endpoint, status class and hour, in memory for a second."""

from __future__ import annotations

import re
import threading
import time
from functools import lru_cache

from django.urls import ResolverMatch

HOUR = 3600
# What an address is called that no view answers; its own text would be a customer's to fill the table with.
NOWHERE = "(unknown)"
# While PostgreSQL is away counts wait here. Past this many different ones, new ones share a row per workspace.
MAX_COUNTERS = 20_000
OVERFLOW = "(other)"
CONVERTER = re.compile(r"<(?:[^:>]+:)?([^>]+)>")

# workspace_id, key_id (0: a session), endpoint, status class, hour (epoch seconds)
Counter = tuple[int, int, str, int, int]


class Meter:
    """Counts in memory. Safe to call from many threads; `writer` empties it every second."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[Counter, int] = {}

    def count(self, workspace_id: int, key_id: int, endpoint: str, status: int) -> None:
        """One request more."""
        now = int(time.time())
        counter = (workspace_id, key_id, endpoint, status // 100, now - now % HOUR)
        with self._lock:
            counter = self._room_for(counter)
            self._counts[counter] = self._counts.get(counter, 0) + 1

    def take(self) -> dict[Counter, int]:
        """All counts since the last time; they are the caller's now."""
        if not self._counts:
            return {}
        with self._lock:
            counts, self._counts = self._counts, {}
            return counts

    def forget(self) -> None:
        """Start anew after a fork: what is counted so far is the parent's, and its lock may be held by no one."""
        self._lock = threading.Lock()
        self._counts = {}

    def _room_for(self, counter: Counter) -> Counter:
        """The counter itself, or when there are too many of them the one that its workspace's others share."""
        if counter in self._counts or len(self._counts) < MAX_COUNTERS:
            return counter
        shared = (counter[0], 0, OVERFLOW, counter[3], counter[4])
        if shared in self._counts or len(self._counts) < 2 * MAX_COUNTERS:
            return shared
        # A last resort that no number of workspaces can outgrow: the requests stay counted, their owner is lost.
        return (0, 0, OVERFLOW, counter[3], counter[4])


def endpoint_of(match: ResolverMatch | None) -> str:
    """The template of a route as the documentation writes it: `/files/{name}`; never what a client typed."""
    return template_of(match.route) if match is not None else NOWHERE


@lru_cache(maxsize=2048)
def template_of(route: str) -> str:
    """`files/<str:name>` as `/files/{name}`, at most 120 characters."""
    return ("/" + CONVERTER.sub(r"{\1}", route).strip("^$"))[:120]


meter = Meter()
