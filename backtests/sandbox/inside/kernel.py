"""System calls that Python does not offer, through ctypes. Errors are OSError, as elsewhere."""

from __future__ import annotations

import ctypes
import os
import platform
import signal
from typing import Any

# The GIL is kept over a call: a clone must not be seen by Python before it was told of it.
LIBC = ctypes.PyDLL(None, use_errno=True)
MACHINE = platform.machine()

_CLONE = {"x86_64": 56, "aarch64": 220}
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
MOUNT_SETATTR = 442
CAPSET = {"x86_64": 126, "aarch64": 91}

CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000
EVERY_NAMESPACE = (
    CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWCGROUP
)

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_KEEPCAPS = 8
PR_SET_SECCOMP = 22
PR_CAPBSET_DROP = 24
PR_SET_SECUREBITS = 28
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_CLEAR_ALL = 4


def check(result: int, what: str) -> int:
    """The result of a call, or OSError with what was tried."""
    if result == -1:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")
    return result


def said(error: BaseException) -> str:
    """The error as one line for an operator."""
    if isinstance(error, OSError) and error.strerror and not error.filename:
        return error.strerror
    return str(error)


def call(number: int, *arguments: Any, what: str) -> int:
    """A system call by number."""
    words = [ctypes.c_ulong(word) if isinstance(word, int) else word for word in arguments]
    LIBC.syscall.restype = ctypes.c_long
    return check(LIBC.syscall(ctypes.c_long(number), *words), what)


def prctl(option: int, *arguments: int, what: str) -> int:
    """prctl(2)."""
    words = [ctypes.c_ulong(word) for word in (*arguments, 0, 0, 0, 0)[:4]]
    return check(LIBC.prctl(ctypes.c_int(option), *words), what)


def clone(flags: int) -> int:
    """fork(2) into new namespaces. Python's own hooks run; those of C libraries need one thread and nothing else."""
    python = ctypes.pythonapi
    python.PyOS_BeforeFork()
    LIBC.syscall.restype = ctypes.c_long
    words = [ctypes.c_ulong(word) for word in (flags | signal.SIGCHLD, 0, 0, 0, 0)]
    pid = int(LIBC.syscall(ctypes.c_long(_CLONE[MACHINE]), *words))
    error = ctypes.get_errno()
    if pid == 0:
        python.PyOS_AfterFork_Child()
        return 0
    python.PyOS_AfterFork_Parent()
    if pid == -1:
        raise OSError(error, f"clone: {os.strerror(error)}")
    return pid


def mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    """mount(2)."""
    words = [ctypes.c_char_p(os.fsencode(text)) for text in (source, target, kind)]
    result = LIBC.mount(*words, ctypes.c_ulong(flags), ctypes.c_char_p(options.encode()))
    check(result, f"mount {target}")


def unmount_detached(target: str) -> None:
    """umount2(2), at once, whoever still uses it."""
    mnt_detach = 2
    check(LIBC.umount2(ctypes.c_char_p(os.fsencode(target)), mnt_detach), f"umount {target}")


def pivot_root(root: str, old: str) -> None:
    """pivot_root(2)."""
    words = [ctypes.c_char_p(os.fsencode(path)) for path in (root, old)]
    call(_PIVOT_ROOT[MACHINE], *words, what="pivot_root")


def sethostname(name: str) -> None:
    """sethostname(2)."""
    check(LIBC.sethostname(ctypes.c_char_p(name.encode()), ctypes.c_size_t(len(name))), "sethostname")
