"""Which descriptors a child has: its log, its result, its payload, its files, its leash, and no other."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Sequence
from dataclasses import dataclass

from backtests.sandbox.inside.order import Received

# Above everything that the child keeps, so that nothing is overwritten while it is put in order.
_ASIDE = 200
_FIRST = 3


@dataclass(frozen=True)
class Own:
    """The child's descriptors by what they are for."""

    result: int
    collar: int
    payload: int
    files: Sequence[int]


def keep_own(received: Received, collar: int) -> Own:
    """Number the child's descriptors from 3 on, and close whatever else the zygote had open."""
    wanted = (received.result, collar, received.payload, *received.files)
    aside = [fcntl.fcntl(descriptor, fcntl.F_DUPFD, _ASIDE) for descriptor in wanted]
    nothing = os.open("/dev/null", os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(received.log, 1)
    os.dup2(received.log, 2)
    for number, descriptor in enumerate(aside, _FIRST):
        os.dup2(descriptor, number, inheritable=False)
    os.closerange(_FIRST + len(aside), os.sysconf("SC_OPEN_MAX"))
    result, own_collar, payload, *files = range(_FIRST, _FIRST + len(aside))
    return Own(result, own_collar, payload, files)
