"""The warm parent: takes orders, forks one fresh child for each, keeps their time and says how they ended.

Started by exec with an empty environment, it has one thread and holds no customer's data: payloads and files pass
through it as descriptors, so what one job brought is in no other child's memory. It trusts the process that started
it and nothing that a child does. Children die with it, and it ends when the control socket does.
"""

from __future__ import annotations

import errno
import json
import os
import selectors
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count

from backtests.sandbox.inside import kernel, warm
from backtests.sandbox.inside.cgroups import Group
from backtests.sandbox.inside.child import Child, start
from backtests.sandbox.inside.order import Received, receive
from backtests.sandbox.inside.rlimits import resident_mb
from backtests.sandbox.job import JSON

# What the kernel says when it does not know a thing, or forbids it.
FOR_GOOD = (errno.EPERM, errno.EACCES, errno.ENOSYS, errno.EINVAL, errno.ENOSPC, errno.EUSERS, errno.ENOTSUP)


@dataclass(eq=False)
class Running:
    """A child and what is known of it. `reason` says why we ended it, if we did."""

    child: Child
    wire: socket.socket
    group: Group
    cpu_sec: float
    deadline: float
    began: float = field(default_factory=time.monotonic)
    reason: str = ""

    def kill(self, reason: str) -> None:
        """End the whole tree. In a process namespace the rest dies with its first; elsewhere there is no rest."""
        self.reason = self.reason or reason
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.child.pidfd, signal.SIGKILL)


class Zygote:
    """The loop around the children."""

    def __init__(self, control: socket.socket, mains: Mapping[str, warm.Main | warm.NotImported]) -> None:
        self._control = control
        self._mains = mains
        self._selector = selectors.DefaultSelector()
        self._selector.register(control, selectors.EVENT_READ, self._take)
        self._running: set[Running] = set()
        self._numbers = count()
        self._open = True

    def serve(self) -> None:
        """Until nobody is left to give orders."""
        while self._open:
            for key, _ in self._selector.select(self._patience()):
                act: Callable[[], None] = key.data
                act()
            self._end_late()
        for running in tuple(self._running):
            running.kill("closed")
            self._reap(running)

    def _patience(self) -> float | None:
        due = [running.deadline for running in self._running if not running.reason]
        return max(0.0, min(due) - time.monotonic()) if due else None

    def _end_late(self) -> None:
        now = time.monotonic()
        for running in self._running:
            if running.deadline <= now:
                running.kill("timeout")

    def _take(self) -> None:
        """Fork a child for the next order, and keep nothing of it but what the clock needs."""
        received = receive(self._control)
        if received is None:
            self._open = False
            return
        wire = socket.socket(fileno=os.dup(received.job))
        try:
            self._begin(received, wire)
        except (OSError, warm.NotImported) as error:
            _tell(wire, {_kind(error): kernel.said(error)})
            wire.close()
        finally:
            for descriptor in received.descriptors:
                os.close(descriptor)

    def _begin(self, received: Received, wire: socket.socket) -> None:
        order = received.order
        main = self._mains.get(order.program) or warm.NotImported(f"There is no program {order.program}.")
        if isinstance(main, warm.NotImported):
            raise main
        group = Group.make(f"{os.getpid()}-{next(self._numbers)}", order.limits)
        try:
            child = start(received, main, group)
        except OSError:
            group.remove()
            raise
        deadline = time.monotonic() + order.limits.wall_sec
        running = Running(child, wire, group, order.limits.cpu_sec, deadline)
        self._running.add(running)
        self._selector.register(child.pidfd, selectors.EVENT_READ, lambda: self._reap(running))
        # Whatever comes over the wire, an end or a word, means that nobody wants the child any more.
        self._selector.register(wire, selectors.EVENT_READ, lambda: self._drop(running))

    def _drop(self, running: Running) -> None:
        # Both of its events may come in one round, the end first.
        if running in self._running:
            self._selector.unregister(running.wire)
            running.kill("dropped")

    def _reap(self, running: Running) -> None:
        """The child has ended, or is about to: say how, and forget it."""
        if running not in self._running:
            return
        self._running.discard(running)
        _, status, usage = os.wait4(running.child.pid, 0)
        for source in (running.child.pidfd, running.wire):
            with suppress(KeyError, ValueError):
                self._selector.unregister(source)
        spent = usage.ru_utime + usage.ru_stime
        ended: dict[str, JSON] = {
            "reason": running.reason,
            "code": os.waitstatus_to_exitcode(status),
            "cpu": spent >= running.cpu_sec,
            "out_of_memory": running.group.out_of_memory(),
            "peak_mb": running.group.peak_mb() or _beyond_ours(usage.ru_maxrss),
            "seconds": time.monotonic() - running.began,
        }
        running.group.remove()
        running.child.forget()
        _tell(running.wire, ended)
        running.wire.close()


def _kind(error: OSError | warm.NotImported) -> str:
    """What could not be done: there is no such program, the machine does not let us, or it cannot just now."""
    if isinstance(error, warm.NotImported):
        return "no_program"
    return "missing" if error.errno in FOR_GOOD else "failed"


def _beyond_ours(resident_kb: int) -> float:
    """Megabytes of a child that are not merely pages shared with the zygote."""
    return max(0.0, resident_kb / 1024 - resident_mb())


def _tell(wire: socket.socket, message: JSON) -> None:
    """Say it to who waits for the job; when nobody does any more, to nobody."""
    with suppress(OSError):
        wire.send(json.dumps(message).encode())


def main() -> None:
    """`zygote.main()` in a fresh interpreter: descriptor, what to load and the programs are its arguments."""
    descriptor, load, programs = sys.argv[1:4]
    control = socket.socket(fileno=int(descriptor))
    try:
        _serve(control, load, json.loads(programs))
    except Exception:
        # Nobody sees what it prints; who started it writes this to the log.
        _tell(control, {"died": traceback.format_exc()})


def _serve(control: socket.socket, load: str, programs: Mapping[str, str]) -> None:
    # A Ctrl-C in the terminal ends who started us, and that ends us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warm.prepare_environment()
    if load == "science":
        warm.load_science()
    mains = warm.load_programs(programs)
    threads = len(os.listdir("/proc/self/task")) if os.path.isdir("/proc/self/task") else 1
    if threads > 1:
        _tell(control, {"unfit": "A library that was loaded runs threads, and such a process cannot be forked safely."})
        return
    warm.freeze()
    _tell(control, {"ready": True})
    Zygote(control, mains).serve()
