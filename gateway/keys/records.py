"""From a presented key to its record: a cache of this process before PostgreSQL.

A warm look-up asks nobody. An entry holds while nothing that may concern it has changed and
- it was read within the last second, or
- it is proven that every change was heard of (see `changes`) and it was read within the last ten.
Otherwise PostgreSQL is asked again, once for all threads that want the same key. With PostgreSQL away an entry passes
for as long as the subscription proves that nothing is new, and without that for a minute; but not when something of its
workspace is known to have been stopped since.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.keys import changes
from gateway.keys.changes import Listener
from gateway.keys.record import KeyRecord, allows
from gateway.keys.secrets import is_hopeless
from gateway.keys.source import DatabaseAway, Source
from moondev.lib.errors import Unavailable

__all__ = ["KeyRecord", "RecordCache", "allows", "find", "forget_all"]

UNPROVEN_SECONDS = 1.0
PROVEN_SECONDS = 10.0
AWAY_SECONDS = 60.0
MOST_KEYS = 50_000
# Kept apart, so that somebody who tries keys cannot push out those in use.
MOST_UNKNOWN = 10_000
# How long a thread waits for another one that reads the same key.
PATIENCE_SECONDS = 1.0
WAIT = {"Retry-After": "5"}


@dataclass(frozen=True, slots=True)
class Entry:
    """What a reading found, and what is needed to tell whether it still holds.

    `number` is the last change heard before the reading began, `read_at` when it began (monotonic seconds), `stale_at`
    when a part of it changes by itself (epoch seconds).
    """

    record: KeyRecord | None
    number: int
    read_at: float
    stale_at: float


@dataclass(slots=True)
class Flight:
    """A reading under way; others wait for it to land."""

    landed: threading.Event = field(default_factory=threading.Event)
    entry: Entry | None = None


class Shelf:
    """The entries used last, at most `size` of them."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._entries: OrderedDict[bytes, Entry] = OrderedDict()

    def get(self, name: bytes) -> Entry | None:
        # Without the lock, for every request comes by here; each of the two steps is one of the interpreter's own.
        entry = self._entries.get(name)
        if entry is not None:
            try:
                self._entries.move_to_end(name)
            except KeyError:
                # Another thread's entry has just pushed it out; it is good for this once.
                return entry
        return entry

    def put(self, name: bytes, entry: Entry) -> None:
        with self._lock:
            self._entries[name] = entry
            self._entries.move_to_end(name)
            if len(self._entries) > self._size:
                self._entries.popitem(last=False)

    def drop(self, name: bytes) -> None:
        with self._lock:
            self._entries.pop(name, None)

    def __len__(self) -> int:
        return len(self._entries)


class RecordCache:
    """The records of this process. Names are SHA-256 of presented keys: no key stays in memory here."""

    def __init__(
        self,
        listener: Listener,
        *,
        keys: int = MOST_KEYS,
        unknown: int = MOST_UNKNOWN,
        source: Source | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._listener = listener
        self._news = listener.news
        self._source = source or Source()
        self._clock = clock
        self._known, self._unknown = Shelf(keys), Shelf(unknown)
        self._lock = threading.Lock()
        self._flights: dict[bytes, Flight] = {}

    def find(self, secret: str) -> KeyRecord | None:
        """The record of a presented key; None when there is none. Raises Unavailable when nobody can tell."""
        if not secret.isascii():
            return None
        name = hashlib.sha256(secret.encode()).digest()
        entry = self._known.get(name)
        if entry is not None and self._holds(entry):
            return entry.record
        if entry is None:
            if is_hopeless(secret):
                return None
            unknown = self._unknown.get(name)
            if unknown is not None and self._holds(unknown):
                return None
        self._listener.start()
        return self._read(name, secret, entry)

    def _holds(self, entry: Entry) -> bool:
        """Whether an entry needs no reading at this moment."""
        if self._is_outdated(entry) or time.time() >= entry.stale_at:
            return False
        now = self._clock()
        age = now - entry.read_at
        return age < UNPROVEN_SECONDS or (age < PROVEN_SECONDS and self._listener.is_proven(now))

    def _is_outdated(self, entry: Entry) -> bool:
        """Whether something has changed since. A key that was unknown may have been made by any change."""
        if entry.record is None:
            return self._news.last != entry.number
        return self._news.is_older(entry.number, entry.record.workspace_id)

    def _read(self, name: bytes, secret: str, old: Entry | None) -> KeyRecord | None:
        """Read, or let another thread's reading of the same key do."""
        for _ in range(3):
            flight, is_mine = self._board(name)
            if is_mine:
                return self._fly(flight, name, secret, old)
            if not flight.landed.wait(PATIENCE_SECONDS) or flight.entry is None:
                return self._last_resort(old)
            if self._holds(flight.entry):
                return flight.entry.record
        return self._fly(Flight(), name, secret, old)

    def _board(self, name: bytes) -> tuple[Flight, bool]:
        with self._lock:
            flight = self._flights.get(name)
            if flight is not None:
                return flight, False
            flight = self._flights[name] = Flight()
            return flight, True

    def _fly(self, flight: Flight, name: bytes, secret: str, old: Entry | None) -> KeyRecord | None:
        try:
            flight.entry = self._ask(secret)
            self._put(name, flight.entry)
            return flight.entry.record
        except DatabaseAway:
            return self._last_resort(old)
        finally:
            with self._lock:
                if self._flights.get(name) is flight:
                    del self._flights[name]
            flight.landed.set()

    def _ask(self, secret: str) -> Entry:
        # Both before the reading: a change that comes while it runs makes its result old.
        number, now = self._news.last, self._clock()
        record = self._source.read(secret)
        stale_at = record.stale_at.timestamp() if record and record.stale_at else float("inf")
        return Entry(record, number, now, stale_at)

    def _put(self, name: bytes, entry: Entry) -> None:
        here, there = (self._unknown, self._known) if entry.record is None else (self._known, self._unknown)
        here.put(name, entry)
        there.drop(name)

    def _last_resort(self, old: Entry | None) -> KeyRecord | None:
        """PostgreSQL is away: what was known a moment ago, if it may still be trusted."""
        if old is None or old.record is None or not self._is_trusted(old, old.record.workspace_id):
            raise Unavailable("API keys cannot be checked at this moment. Try again in a few seconds.", headers=WAIT)
        return old.record

    def _is_trusted(self, entry: Entry, workspace_id: int) -> bool:
        """Whether an entry passes without PostgreSQL: for a minute, or for as long as it is proven that nothing is new.

        Something that was stopped in its workspace since then forbids both, for it may have been this key.
        """
        now = self._clock()
        if self._news.has_stopped(entry.number, workspace_id):
            return False
        if now - entry.read_at < AWAY_SECONDS:
            return True
        return self._listener.hears(now) and not self._is_outdated(entry) and time.time() < entry.stale_at


_cache = RecordCache(changes.listener())


def find(secret: str) -> KeyRecord | None:
    """The record of a presented key, of either generation; None when no workspace has it. Warm, it asks nobody.

    Raises Unavailable when PostgreSQL is away and what is known of the key cannot be trusted.
    """
    return _cache.find(secret)


def forget_all() -> None:
    """Start with an empty cache, as a new process does. The subscription stays."""
    global _cache
    _cache = RecordCache(changes.listener())


# Registered after the one in `changes`, so that the child's cache follows the child's listener.
os.register_at_fork(after_in_child=forget_all)
