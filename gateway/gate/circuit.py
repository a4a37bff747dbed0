"""Remembers that Redis is away, so that nobody waits for it and it is not hammered while it comes back."""

from __future__ import annotations

import threading
import time

PROBE_SECONDS = 0.5


class Circuit:
    """Closed: everybody may call. Open: one thread every `PROBE_SECONDS` tries, the others go without."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._retry_at: float | None = None

    @property
    def is_open(self) -> bool:
        return self._retry_at is not None

    def allows(self) -> bool:
        """Whether this thread should call; with an open circuit, whether it is its turn to try."""
        if self._retry_at is None:
            return True
        with self._lock:
            now = time.monotonic()
            if self._retry_at is not None and now < self._retry_at:
                return False
            self._retry_at = now + PROBE_SECONDS
            return True

    def open(self) -> None:
        """A call failed: no other before the next probe."""
        with self._lock:
            self._retry_at = time.monotonic() + PROBE_SECONDS

    def close(self) -> None:
        """A call succeeded."""
        if self._retry_at is not None:
            self._retry_at = None
