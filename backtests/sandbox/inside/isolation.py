"""A child shuts itself in. Every step that fails ends it before anything foreign runs."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from backtests.sandbox.inside import identity, kernel, landlock, mounts, rlimits
from backtests.sandbox.inside.descriptors import Own
from backtests.sandbox.inside.filtering import filter_calls
from backtests.sandbox.inside.held import HeldPath
from backtests.sandbox.inside.order import Order
from backtests.sandbox.inside.places import Places
from backtests.sandbox.levels import Level

# What a plain container has for everybody.
DEVICES = ("/dev/null", "/dev/urandom")


@dataclass(frozen=True)
class Cell:
    """What the zygote found out for the child before the fork."""

    places: Places
    address_space: int
    # Tasks that count against the child's own limit, and whether anything bounds its threads at all.
    tasks: int
    threads: bool


def isolate(order: Order, own: Own, cell: Cell) -> Mapping[str, Path]:
    """Shut this process in as its level says; where it finds its files then."""
    os.umask(0o022)
    # No terminal, and no signal that is meant for another group.
    os.setsid()
    if order.level is Level.NAMESPACES:
        kernel.sethostname("sandbox")
        mounts.build_root(cell.places, order.limits, order.names, own.files)
        _let_go_of(own.files)
    wall = _landlock(order.level, cell.places)
    rlimits.limit(order.limits, has=cell.address_space, tasks=cell.tasks)
    identity.forbid_capabilities()
    _become_nobody(order.level)
    identity.drop_capabilities()
    _die_with_zygote(own.collar)
    if wall is not None:
        landlock.restrict(wall)
    files = _files(order, own)
    filter_calls(order.level, threads=cell.threads)
    return files


def _become_nobody(level: Level) -> None:
    """A user without files and processes, where this process can become one."""
    if level is Level.NAMESPACES:
        identity.become(identity.INNER)
    elif level is Level.SETUID:
        identity.become(identity.unused_uid(os.getpid()))


def _die_with_zygote(collar: int) -> None:
    """Be killed when the zygote is. Changes of user reset this, so it comes after them; it may have died before."""
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0, what="dumpable")
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL, what="pdeathsig")
    gone, _, _ = select.select([collar], [], [], 0)
    if gone:
        raise OSError("the zygote has ended")
    os.close(collar)


def _let_go_of(files: Sequence[int]) -> None:
    """Close the job's files, which are below DATA by now: through these the mode of one's own file could be changed."""
    for file in files:
        os.close(file)


def _landlock(level: Level, places: Places) -> int | None:
    """Landlock's rules: required by the levels that have no mounts of their own, a second wall behind mounts.

    They are made while the runtime can be looked up, which an unused user may not be able to.
    """
    if not landlock.version():
        if level in (Level.LANDLOCK, Level.SETUID):
            raise OSError("landlock: this kernel has none, or it is switched off")
        return None
    if level is Level.NAMESPACES:
        return landlock.rules(("/",), (mounts.PRIVATE_FOLDER,))
    return landlock.rules((*places.readable, *DEVICES), ()) if level >= Level.LANDLOCK else None


def _files(order: Order, own: Own) -> Mapping[str, Path]:
    if order.level is Level.NAMESPACES:
        return {name: Path(mounts.DATA, name) for name in order.names}
    return {name: HeldPath.of(name, file) for name, file in zip(order.names, own.files, strict=True)}
