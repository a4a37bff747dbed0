"""A child from its fork to its end: shut itself in, run the program, write the result, exit."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from backtests.sandbox import frames
from backtests.sandbox.inside import cells, identity, kernel
from backtests.sandbox.inside.cgroups import Group
from backtests.sandbox.inside.descriptors import keep_own
from backtests.sandbox.inside.isolation import Cell, isolate
from backtests.sandbox.inside.order import Received
from backtests.sandbox.inside.running import prepare_streams, run, write
from backtests.sandbox.inside.warm import Main
from backtests.sandbox.levels import Level

GO = b"g"


@dataclass(frozen=True)
class Child:
    """A forked child. By `leash` it was told to go on, and sees that we still live until it is bound to die with us."""

    pid: int
    pidfd: int
    leash: int

    def forget(self) -> None:
        """Close what was held for it."""
        os.close(self.pidfd)
        os.close(self.leash)


def start(received: Received, main: Main, group: Group) -> Child:
    """Fork a child for an order. It runs nothing foreign before it is in its group and has shut itself in."""
    level = received.order.level
    cell = cells.prepare(level, group)
    collar, leash = os.pipe()
    try:
        pid = kernel.clone(kernel.EVERY_NAMESPACE if level is Level.NAMESPACES else 0)
        if pid == 0:
            os.close(leash)
            _live(received, main, cell, collar)
        return _let_go(pid, leash, level, group)
    except OSError:
        # A child that was not let go ends by itself.
        os.close(leash)
        raise
    finally:
        os.close(collar)


def _let_go(pid: int, leash: int, level: Level, group: Group) -> Child:
    """Give a forked child its group and its user, and the word to go on."""
    child = Child(pid, os.pidfd_open(pid), leash)
    group.take(pid)
    # When the machine runs out of memory, this goes first.
    Path(f"/proc/{pid}/oom_score_adj").write_text("1000")
    if level is Level.NAMESPACES:
        identity.map_users(pid)
    os.write(leash, GO)
    return child


def _live(received: Received, main: Main, cell: Cell, collar: int) -> None:
    """The child. It never returns into the zygote's code, whatever happens."""
    try:
        if os.read(collar, 1) == GO:
            _shut_in_and_run(received, main, cell, collar)
    finally:
        os._exit(1)


def _shut_in_and_run(received: Received, main: Main, cell: Cell, collar: int) -> None:
    own = keep_own(received, collar)
    try:
        files = isolate(received.order, own, cell)
    except BaseException as error:
        write(own.result, frames.REFUSED, kernel.said(error).encode())
        return
    prepare_streams()
    run(own, main, files)
