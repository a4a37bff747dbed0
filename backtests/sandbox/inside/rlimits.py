"""Limits of the process itself: they hold wherever the machine has no control groups."""

from __future__ import annotations

import math
import os
import resource
from contextlib import suppress
from pathlib import Path

from backtests.sandbox.job import Limits

MEGABYTE = 1024 * 1024
MOST_OPEN = 128
MOST_PENDING = 256
STACK = 8 * MEGABYTE


def address_space() -> int:
    """Bytes of address space that this process has by now; a forked child has them from its parent."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def resident_mb() -> float:
    """Megabytes of memory that this process has by now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / MEGABYTE


def tasks_of(uid: int) -> int:
    """How many tasks this user has on the machine, other than in user namespaces."""
    count = 0
    for process in os.scandir("/proc"):
        with suppress(OSError):
            if process.name.isdigit() and process.stat().st_uid == uid:
                count += len(os.listdir(f"{process.path}/task"))
    return count


def limit(limits: Limits, *, has: int, tasks: int) -> None:
    """Bound this process. `has`: its address space so far; `tasks`: those its user has beside it."""
    seconds = math.ceil(limits.cpu_sec)
    memory = has + limits.memory_mb * MEGABYTE
    files = limits.file_mb * MEGABYTE
    # At the soft limit SIGXCPU, which can be caught; a second later the end.
    _set(resource.RLIMIT_CPU, seconds, seconds + 1)
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, files),
        (resource.RLIMIT_NOFILE, MOST_OPEN),
        (resource.RLIMIT_NPROC, tasks + limits.processes),
        (resource.RLIMIT_STACK, STACK),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_SIGPENDING, MOST_PENDING),
        (resource.RLIMIT_NICE, 0),
        (resource.RLIMIT_RTPRIO, 0),
    ):
        _set(what, most, most)


def _set(what: int, soft: int, hard: int) -> None:
    """Never above what we have ourselves."""
    _, most = resource.getrlimit(what)
    if most != resource.RLIM_INFINITY:
        soft, hard = min(soft, most), min(hard, most)
    resource.setrlimit(what, (soft, hard))
