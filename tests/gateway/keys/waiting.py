"""Deadlines of the product: polled up to three times the promise, so that a busy machine is no failure."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_until(condition: Callable[[], bool], *, seconds: float) -> None:
    """Return as soon as the condition holds; fail when it does not within three times `seconds`."""
    deadline = time.monotonic() + 3 * seconds
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError(f"not within {3 * seconds} s")
