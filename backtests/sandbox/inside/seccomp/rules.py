"""What a child may not ask of the kernel, as one filter."""

from __future__ import annotations

import errno
from collections.abc import Iterable

from backtests.sandbox.inside.seccomp import bpf, calls
from backtests.sandbox.levels import Level

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
# What a kernel newer than this table offers is refused until somebody has looked at it.
LAST_KNOWN = 450
# Numbers that were kept free, and into which new calls come too: the last before them, and the last of them.
GAPS = {"x86_64": (334, 423), "aarch64": (294, 423)}
REFUSED = bpf.error(errno.EPERM)
# The C library then does without.
UNKNOWN = bpf.error(errno.ENOSYS)
NO_TERMINAL = bpf.error(errno.ENOTTY)

ALWAYS = (
    *calls.PROCESSES, *calls.SOCKETS, *calls.IDENTITY, *calls.FILESYSTEMS, *calls.MEMORY, *calls.MESSAGES,
    *calls.KERNEL,
)  # fmt: skip

CLONE_THREAD = 0x00010000
# Namespaces, being traced, and a parent of its choice.
CLONE_MORE = 0x7E020000 | 0x00002000 | 0x00008000
# The thread's name, and reading what was set.
PRCTL_ALLOWED = (3, 15, 16, 21, 23, 39, 0x53564D41)
# F_SETOWN, F_SETSIG, F_SETOWN_EX: the kernel would send a signal to anybody. Leases, notices, and larger pipes.
FCNTL_REFUSED = (8, 10, 15, 1024, 1026, 1031)
# Is it a terminal, how wide; how much is there; close on exec; do not block.
IOCTL_ALLOWED = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
# O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_APPEND.
OPEN_TO_WRITE = 0o1 | 0o2 | 0o100 | 0o1000 | 0o2000


def program(machine: str, level: Level, *, pid: int, threads: bool) -> bpf.Code:
    """The filter of a child at a level. `pid` is how the child knows itself; `threads`: whether it may make any."""
    return b"".join(
        (
            bpf.load(bpf.ARCHITECTURE),
            bpf.unless_equal(ARCHITECTURES[machine], bpf.verdict(bpf.KILL)),
            bpf.load(bpf.NUMBER),
            bpf.when_greater(LAST_KNOWN, bpf.verdict(UNKNOWN)),
            _gap(*GAPS[machine]),
            *_refused(machine, _denied(level)),
            *_looked_at(machine, level, pid, threads),
            bpf.verdict(bpf.ALLOW),
        )
    )


def _gap(before: int, last: int) -> bpf.Code:
    return bpf.when_greater(before, bpf.unless_greater(last, bpf.verdict(UNKNOWN)))


def _denied(level: Level) -> Iterable[calls.Call]:
    """Calls that this level refuses altogether."""
    yield from ALWAYS
    if level < Level.NAMESPACES:
        yield from calls.CHANGES
    if level < Level.LANDLOCK:
        yield from calls.PATHS


def _refused(machine: str, denied: Iterable[calls.Call]) -> Iterable[bpf.Code]:
    for number in dict.fromkeys(call.number(machine) for call in denied):
        if number is not None:
            yield bpf.when_equal(number, bpf.verdict(REFUSED))


def _looked_at(machine: str, level: Level, pid: int, threads: bool) -> Iterable[bpf.Code]:
    """Calls whose arguments decide."""
    conditions = _conditions(pid, threads)
    if level < Level.NAMESPACES:
        conditions |= {"open": _reading(1), "openat": _reading(2)}
    for call in calls.LOOKED_AT:
        number = call.number(machine)
        if number is not None and call.name in conditions:
            yield bpf.when_equal(number, conditions[call.name])


def _conditions(pid: int, threads: bool) -> dict[str, bpf.Code]:
    itself = bpf.argument(0) + bpf.among((pid,), REFUSED)
    itself_or_zero = bpf.argument(0) + bpf.among((0, pid), REFUSED)
    return {
        "clone": _thread() if threads else bpf.verdict(REFUSED),
        # Its arguments lie in memory, where no filter sees them; the C library falls back to clone.
        "clone3": bpf.verdict(UNKNOWN),
        "prctl": bpf.argument(0) + bpf.among(PRCTL_ALLOWED, REFUSED),
        "kill": itself,
        "tgkill": itself,
        "rt_sigqueueinfo": itself,
        "rt_tgsigqueueinfo": itself,
        "prlimit64": itself_or_zero,
        "sched_setaffinity": itself_or_zero,
        "fcntl": bpf.argument(1) + bpf.except_for(FCNTL_REFUSED, REFUSED),
        "ioctl": bpf.argument(1) + bpf.among(IOCTL_ALLOWED, NO_TERMINAL),
    }


def _thread() -> bpf.Code:
    """A thread, and no process: whoever has threads only is gone when it is killed."""
    return (
        bpf.argument(0)
        + bpf.unless_any_bit(CLONE_THREAD, bpf.verdict(REFUSED))
        + bpf.when_any_bit(CLONE_MORE, bpf.verdict(REFUSED))
        + bpf.verdict(bpf.ALLOW)
    )


def _reading(index: int) -> bpf.Code:
    """Opening to read: at these levels there is nothing that may be written."""
    return bpf.argument(index) + bpf.when_any_bit(OPEN_TO_WRITE, bpf.verdict(REFUSED)) + bpf.verdict(bpf.ALLOW)
