"""Outlives its parent by seconds: however that ends, even by kill -9, everything it started is stopped.

The parent holds the only writing end of a pipe to this process and names on it, one JSON line each, what to stop:
{"group": process group id}, {"pair": data folder of embedded servers}, {"folder": path to remove}. The system closes
the pipe when the parent ends. The guard runs in a session of its own, so a Ctrl-C or a signal to the parent's group
passes it by.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Any

from moondev import embedded

GRACE_SECONDS = 10.0


class Guard:
    """The parent's end: say what must not outlive it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "moondev.guard"],
            stdin=subprocess.PIPE,
            start_new_session=True,
            cwd=Path(__file__).resolve().parent.parent,
            text=True,
        )

    def watch(self, **what: int | str) -> None:
        """Name one thing to stop: `group=`, `pair=` or `folder=`. Things are stopped in the order above."""
        pipe = self._pipe()
        pipe.write(json.dumps(what) + "\n")
        pipe.flush()

    def stop(self) -> None:
        """Stop everything now and wait until it has stopped."""
        self._pipe().close()
        self._process.wait()

    def _pipe(self) -> IO[str]:
        if self._process.stdin is None:
            raise RuntimeError("the guard has no pipe")
        return self._process.stdin


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    # The end of the pipe ends the loop, whatever ended the parent.
    watched = [json.loads(line) for line in sys.stdin]
    _end_groups([what["group"] for what in watched if "group" in what])
    for data_dir in _named(watched, "pair"):
        embedded.stop(Path(data_dir))
    for folder in _named(watched, "folder"):
        shutil.rmtree(folder, ignore_errors=True)


def _named(watched: Iterable[Mapping[str, Any]], kind: str) -> list[str]:
    return [what[kind] for what in watched if kind in what]


def _end_groups(groups: list[int]) -> None:
    """Ask every process group to end; after the grace kill what is left."""
    for group in groups:
        _signal(group, signal.SIGTERM)
    deadline = time.monotonic() + GRACE_SECONDS
    while any(_lives(group) for group in groups) and time.monotonic() < deadline:
        time.sleep(0.05)
    for group in groups:
        _signal(group, signal.SIGKILL)


def _signal(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _lives(group: int) -> bool:
    """Whether a group has a process that still runs; one that only waits to be reaped has ended."""
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = entry.read_text().rpartition(")")[2].split()
            if int(fields[2]) == group and fields[0] != "Z":
                return True
    return False


if __name__ == "__main__":
    main()
