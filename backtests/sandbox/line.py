"""The line to one zygote: it is started when first needed, and anew when it has died."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Mapping

from backtests.sandbox.held import close_all, read_only
from backtests.sandbox.inside.order import Order
from backtests.sandbox.job import Job
from backtests.sandbox.levels import Level
from backtests.sandbox.listening import Listening
from backtests.sandbox.started import Started
from backtests.sandbox.warmth import Load, Warmth


class Line:
    """Sends jobs off, from any thread. A fork of its process gets a zygote of its own."""

    def __init__(self, programs: Mapping[str, str], *, load: Load) -> None:
        self._programs, self._load = programs, load
        self._lock = threading.Lock()
        self._warmth: Warmth | None = None
        self._listening: Listening | None = None

    def warm_up(self) -> None:
        """Start the zygote now, so that the first job need not wait for it."""
        with self._lock:
            self._ready()

    @property
    def zygote(self) -> int | None:
        """Its process; None while there is none."""
        return self._warmth.pid if self._warmth else None

    def close(self) -> None:
        """End the zygote and whatever still runs."""
        with self._lock:
            self._let_go()

    def start(self, job: Job, level: Level) -> Started:
        """Send a job off. Its child starts as soon as the zygote is warm."""
        with self._lock:
            try:
                return self._send(job, level)
            except (BrokenPipeError, ConnectionResetError):
                # It died since it was last looked at: the next one is new.
                return self._send(job, level)

    def _ready(self) -> tuple[Warmth, Listening]:
        if self._warmth and self._listening and self._warmth.lives():
            return self._warmth, self._listening
        self._let_go()
        self._listening = Listening()
        self._warmth = Warmth(self._programs, load=self._load)
        self._listening.add(os.dup(self._warmth.control.fileno()), self._warmth.hear)
        return self._warmth, self._listening

    def _let_go(self) -> None:
        """End zygote and thread; in a fork of their process, only forget them."""
        warmth, listening = self._warmth, self._listening
        self._warmth = self._listening = None
        if warmth:
            warmth.close()
        if warmth and listening and warmth.owner == os.getpid():
            listening.close()

    def _send(self, job: Job, level: Level) -> Started:
        warmth, listening = self._ready()
        warmth.check_fit()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        (result, result_end), (log, log_end) = os.pipe(), os.pipe()
        given = [theirs.detach(), result_end, log_end]
        try:
            given.append(read_only(json.dumps(dict(job.payload)).encode()))
            given += [read_only(content) for content in job.files.values()]
            Order(job.program, level, job.limits, list(job.files)).send(warmth.control, given)
        except BaseException:
            close_all([result, log])
            ours.close()
            raise
        finally:
            close_all(given)
        started = Started(job, level, ours, warmth.kill)
        listening.add(result, started.hear_result)
        listening.add(log, started.hear_log)
        listening.add(os.dup(ours.fileno()), started.hear_end)
        return started
