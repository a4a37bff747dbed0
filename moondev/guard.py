"""Outlives its parent by seconds: however that ends, even by kill -9, everything it started is stopped.

The parent holds the only writing end of a pipe to this process and names on it, one JSON line each, what to stop:
{"mark": "NAME=value" that every process to end has in its environment}, {"pair": data folder of embedded servers},
{"folder": path to remove}. The system closes the pipe when the parent ends. The guard runs in a session of its own,
so a Ctrl-C or a signal to the parent's group passes it by.
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
        # A forked child holds a copy of every open file, and with it would keep the pipe open after us.
        os.register_at_fork(after_in_child=self._let_go)

    def watch(self, **what: str) -> None:
        """Name one thing to stop: `mark=`, `pair=` or `folder=`. Things are stopped in the order above."""
        pipe = self._pipe()
        pipe.write(json.dumps(what) + "\n")
        pipe.flush()

    def stop(self) -> None:
        """Stop everything now and wait until it has stopped."""
        self._pipe().close()
        self._process.wait()

    def _let_go(self) -> None:
        self._pipe().close()

    def _pipe(self) -> IO[str]:
        if self._process.stdin is None:
            raise RuntimeError("the guard has no pipe")
        return self._process.stdin


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    # The end of the pipe ends the loop, whatever ended the parent.
    watched = [json.loads(line) for line in sys.stdin]
    for mark in _named(watched, "mark"):
        _end_marked(mark.encode())
    for data_dir in _named(watched, "pair"):
        embedded.stop(Path(data_dir))
    for folder in _named(watched, "folder"):
        _remove(Path(folder))


def _named(watched: Iterable[Mapping[str, Any]], kind: str) -> list[str]:
    return [what[kind] for what in watched if kind in what]


def _remove(folder: Path) -> None:
    """Remove a folder, again while something that is just ending still writes into it (initdb takes seconds)."""
    deadline = time.monotonic() + GRACE_SECONDS
    while folder.exists() and time.monotonic() < deadline:
        shutil.rmtree(folder, ignore_errors=True)
        time.sleep(0.1)


def _end_marked(mark: bytes) -> None:
    """Ask every marked process to end; after the grace kill what is left."""
    _signal(mark, signal.SIGTERM)
    deadline = time.monotonic() + GRACE_SECONDS
    while _marked(mark) and time.monotonic() < deadline:
        time.sleep(0.05)
    _signal(mark, signal.SIGKILL)


def _signal(mark: bytes, number: signal.Signals) -> None:
    for process_id in _marked(mark):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process_id, number)


def _marked(mark: bytes) -> list[int]:
    """The processes that were started with the mark in their environment; ended ones have none any more."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/environ"):
        # A process of another user, or one that ended while we looked, is none of ours.
        with contextlib.suppress(OSError):
            if mark in entry.read_bytes().split(b"\0"):
                found.append(int(entry.parent.name))
    return found


if __name__ == "__main__":
    main()
