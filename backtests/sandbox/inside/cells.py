"""What a child needs to know of the machine before it can no longer look."""

from __future__ import annotations

import errno
import os

from backtests.sandbox.inside import kernel, places, rlimits
from backtests.sandbox.inside.cgroups import Group
from backtests.sandbox.inside.isolation import Cell
from backtests.sandbox.inside.seccomp.rules import ARCHITECTURES
from backtests.sandbox.levels import Level
from backtests.sandbox.warmth import ROOT


def prepare(level: Level, group: Group) -> Cell:
    """Look for a child of this level. OSError where no filter could be made for it."""
    if kernel.MACHINE not in ARCHITECTURES:
        raise OSError(errno.ENOTSUP, f"seccomp: there is no table of system calls for {kernel.MACHINE}")
    user = os.geteuid()
    # In a user namespace, and for a user of its own, tasks are counted anew. Root's the kernel does not count.
    alone = level >= Level.SETUID
    return Cell(
        places=places.runtime(str(ROOT)),
        address_space=rlimits.address_space(),
        tasks=0 if alone else rlimits.tasks_of(user),
        threads=alone or user != 0 or "pids" in group.controllers,
    )
