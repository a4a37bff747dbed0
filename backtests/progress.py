"""How far a run is, in its row: what pages and clients read once a second."""

from __future__ import annotations

import threading
import time
from typing import Any

from django.db.models import F

from backtests.models import Run
from moondev.lib.clock import now
from moondev.lib.queue import State

# Seconds between two writes of one row; what comes in between is written by the heartbeat.
PAUSE = 0.25
MOST_LINES, LONGEST_LINE = 40, 300


class Progress:
    """Collects what happens and writes it soon. Safe to use from the heartbeat's thread too."""

    def __init__(self, run: Run, *, of: int) -> None:
        self._run = run
        self._lock = threading.Lock()
        self._now: dict[str, Any] = {"done": 0, "of": of, "says": "", "stage": "", "idea": 0, "lines": []}
        self._now["lines"] = list(run.progress.get("lines", []))
        self._changed, self._written = False, 0.0

    def at(self, *, done: int, idea: int, stage: str, says: str) -> None:
        """A step begins: the idea counts from 1."""
        with self._lock:
            self._now |= {"done": done, "idea": idea, "stage": stage}
        self.say(says)

    def say(self, line: str) -> None:
        """One line for people."""
        line = " ".join(line.split())[:LONGEST_LINE]
        with self._lock:
            lines = [*self._now["lines"], [f"{now():%H:%M:%S}", line]]
            self._now |= {"says": line, "lines": lines[-MOST_LINES:]}
            self._changed = True
        if time.monotonic() - self._written >= PAUSE:
            self.flush()

    def flush(self) -> None:
        """Write what is new; nothing happens to a run that is not ours any more."""
        with self._lock:
            if not self._changed:
                return
            self._changed, self._written = False, time.monotonic()
            mine = Run.objects.filter(pk=self._run.pk, state=State.RUNNING, claim=self._run.claim)
            mine.update(progress=self._now, version=F("version") + 1)

    def done(self, says: str) -> dict[str, Any]:
        """The last word, to be stored with the run's end."""
        with self._lock:
            self._changed = False
            return {**self._now, "done": self._now["of"], "says": says, "stage": ""}
