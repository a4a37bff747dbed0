"""Small answers kept as bytes, by ETag: while a feed has nothing new, the same question costs neither SQL nor zlib."""

from __future__ import annotations

import gzip
import threading
from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property

LARGEST = 1024 * 1024
ROOM = 32 * 1024 * 1024


@dataclass(frozen=True)
class Body:
    """The whole of an answer, and its gzip twin, which is made when somebody first asks for it."""

    plain: bytes

    @cached_property
    def zipped(self) -> bytes:
        return gzip.compress(self.plain, compresslevel=6, mtime=0)

    def __len__(self) -> int:
        """What it may take at most; the twin is smaller than the original."""
        return 2 * len(self.plain)


class Bodies:
    """The answers that were used last, at most `room` bytes of them."""

    def __init__(self, room: int) -> None:
        self._room, self._taken = room, 0
        self._bodies: OrderedDict[str, Body] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> Body | None:
        with self._lock:
            body = self._bodies.get(key)
            if body is not None:
                self._bodies.move_to_end(key)
            return body

    def put(self, key: str, body: Body) -> None:
        with self._lock:
            self._forget(key)
            self._bodies[key] = body
            self._taken += len(body)
            while self._taken > self._room:
                self._forget(next(iter(self._bodies)))

    def clear(self) -> None:
        with self._lock:
            self._bodies.clear()
            self._taken = 0

    def _forget(self, key: str) -> None:
        body = self._bodies.pop(key, None)
        self._taken -= len(body) if body is not None else 0


bodies = Bodies(ROOM)
