"""Puts the filter of system calls in force, for good."""

from __future__ import annotations

import ctypes
import os

from backtests.sandbox.inside import kernel
from backtests.sandbox.inside.seccomp import bpf
from backtests.sandbox.inside.seccomp.rules import program
from backtests.sandbox.levels import Level

_FILTER_MODE = 2


class _Program(ctypes.Structure):
    """struct sock_fprog."""

    _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_char_p)]


def filter_calls(level: Level, *, threads: bool) -> None:
    """Everything that the level refuses is refused from here on. The process has one thread and no_new_privs."""
    code = program(kernel.MACHINE, level, pid=os.getpid(), threads=threads)
    filled = _Program(len(code) // bpf.SIZE, code)
    kernel.prctl(kernel.PR_SET_SECCOMP, _FILTER_MODE, ctypes.addressof(filled), what="seccomp")
