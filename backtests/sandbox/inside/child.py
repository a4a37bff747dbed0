"""A child from its fork to its end: shut itself in, run the program, write the result, exit."""

from __future__ import annotations

import os
from dataclasses import dataclass

from backtests.sandbox.inside import kernel
from backtests.sandbox.inside.cgroups import Group
from backtests.sandbox.inside.isolation import isolate
from backtests.sandbox.inside.order import Received
from backtests.sandbox.inside.running import run
from backtests.sandbox.inside.warm import Main
from backtests.sandbox.levels import Level

GO = b"g"


@dataclass(frozen=True)
class Child:
    """A forked child. It lives while `leash` is open: an end of a pipe of which it holds the other."""

    pid: int
    pidfd: int
    leash: int

    def forget(self) -> None:
        """Close what was held for it."""
        os.close(self.pidfd)
        os.close(self.leash)


def start(received: Received, main: Main, group: Group) -> Child:
    """Fork a child for an order; it runs nothing foreign before it is shut in and within its limits."""
    collar, leash = os.pipe()
    flags = kernel.EVERY_NAMESPACE if received.order.level is Level.NAMESPACES else 0
    pid = kernel.clone(flags)
    if pid == 0:
        _live(received, main, collar, leash)
    os.close(collar)
    child = Child(pid, os.pidfd_open(pid), leash)
    group.take(pid)
    os.write(leash, GO)
    return child


def _live(received: Received, main: Main, collar: int, leash: int) -> None:
    """The child. It never returns into the zygote's code, whatever happens."""
    try:
        os.close(leash)
        if os.read(collar, 1) == GO:
            files = isolate(received, collar)
            run(received, main, files)
    finally:
        os._exit(1)
