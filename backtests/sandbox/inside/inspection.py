"""The program that looks at its own prison: it tries what no level allows and names what went well."""

from __future__ import annotations

import ctypes
import os
import socket
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from backtests.sandbox.inside import kernel
from backtests.sandbox.job import JSON

CAPGET = {"x86_64": 125, "aarch64": 90}
PR_GET_NO_NEW_PRIVS = 39
CLONE_FILES = 0x400
FOREIGN = ("/etc/passwd", "/etc/hostname", "/proc/self/environ", "/proc/1/cmdline", "/sys/kernel/notes", "/dev/kmsg")
PLACES = ("/", "/etc", "/var/tmp", "/dev", "/home", "/root")  # noqa: S108


def main(payload: dict[str, Any], files: Mapping[str, Path], say: Callable[[JSON], None]) -> JSON:
    """What is open that should be shut; nothing, where the level holds."""
    return [name for name, opens in ATTEMPTS.items() if opens()]


def _succeeds(attempt: Callable[..., object], *arguments: object) -> bool:
    try:
        attempt(*arguments)
    except OSError:
        return False
    return True


def _reads_files() -> bool:
    return any(_succeeds(os.open, path, os.O_RDONLY) for path in FOREIGN)


def _writes_files() -> bool:
    return any(_succeeds(os.mkdir, f"{place}/moondev-sandbox-inspection") for place in PLACES)


def _makes_processes() -> bool:
    def fork() -> None:
        if os.fork() == 0:
            os._exit(0)

    return _succeeds(fork)


def _makes_sockets() -> bool:
    return any(_succeeds(socket.socket, family) for family in (socket.AF_UNIX, socket.AF_INET))


def _reaches_processes() -> bool:
    return any(_succeeds(os.kill, pid, 0) for pid in {1, 2, os.getppid()} - {0, os.getpid()})


def _has_capabilities() -> bool:
    header = ctypes.create_string_buffer(struct.pack("=Ii", 0x20080522, 0), 8)
    sets = ctypes.create_string_buffer(24)
    kernel.call(CAPGET[kernel.MACHINE], ctypes.byref(header), ctypes.byref(sets), what="capget")
    return any(sets.raw)


def _gains_privileges() -> bool:
    return kernel.prctl(PR_GET_NO_NEW_PRIVS, what="no_new_privs") != 1


def _calls_freely() -> bool:
    unshare = {"x86_64": 272, "aarch64": 97}[kernel.MACHINE]
    try:
        kernel.call(unshare, CLONE_FILES, what="unshare")
    except OSError:
        return False
    return True


ATTEMPTS: Mapping[str, Callable[[], bool]] = {
    "files outside can be read": _reads_files,
    "files outside can be written": _writes_files,
    "processes can be made": _makes_processes,
    "sockets can be made": _makes_sockets,
    "other processes can be signalled": _reaches_processes,
    "there are capabilities": _has_capabilities,
    "privileges can be gained": _gains_privileges,
    "system calls are not filtered": _calls_freely,
}
