"""What a child needs to know of the machine before it can no longer look."""

from __future__ import annotations

import os
from itertools import count

from backtests.sandbox.inside import identity, places, rlimits
from backtests.sandbox.inside.cgroups import Group
from backtests.sandbox.inside.isolation import Cell
from backtests.sandbox.levels import Level
from backtests.sandbox.warmth import ROOT

_CHILDREN = count()


def prepare(level: Level, group: Group) -> Cell:
    """Look for a child of this level."""
    uid = _uid(level)
    user = os.geteuid() if uid is None else uid
    # In a user namespace tasks are counted anew. The kernel does not count root's.
    alone = level >= Level.SETUID
    bounded = alone or user != 0 or "pids" in group.controllers
    return Cell(
        places=places.runtime(str(ROOT)),
        address_space=rlimits.address_space(),
        tasks=0 if alone else rlimits.tasks_of(user),
        threads=bounded,
        uid=uid,
    )


def _uid(level: Level) -> int | None:
    """Whom the child becomes; None when it stays who the zygote is."""
    if level is Level.NAMESPACES:
        return identity.INNER
    if level is Level.SETUID:
        return identity.unused_uid(os.getpid() + next(_CHILDREN))
    return None
