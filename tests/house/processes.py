"""Which processes there are, for tests that nothing is left behind."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

# Generous: an overloaded machine starts and stops everything many times slower.
PATIENCE_SECONDS = 180


def assert_nothing_is_left(folder: Path) -> None:
    """Poll until no process names the folder, in its command or in its environment."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (left := processes_of(folder)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not left


def processes_of(folder: Path) -> list[str]:
    """The command lines of the processes that name a folder."""
    needle, found = os.fsencode(folder), []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (process / "cmdline").read_bytes()
            if needle in command or needle in (process / "environ").read_bytes():
                found.append(command.replace(b"\0", b" ").decode(errors="replace"))
    return found
