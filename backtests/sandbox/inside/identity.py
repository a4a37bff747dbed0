"""Who a child is: a user that nobody else is, without capabilities and without a way to get any."""

from __future__ import annotations

import ctypes
import os
import pwd
import struct
from contextlib import suppress
from functools import cache

from backtests.sandbox.inside import kernel

# Where no user of a distribution or a person lives; systemd takes its passing users from here too.
FIRST_UID, UIDS = 61_184, 4_000
# The user inside a user namespace. Zero is only there while root builds the child's file system.
INNER = 1
_VERSION_3 = 0x20080522
_LAST_CAPABILITY = 63
# No privileges for uid 0, none kept over a change of user, none inherited, and none of this can be taken back.
_SECUREBITS = 0b1 | 0b10 | 0b10_0000 | 0b100_0000 | 0b1000_0000


def unused_uid(pid: int) -> int:
    """A user for the child of this process number. No account has it, and hardly another living child."""
    for step in range(UIDS):
        if not _has_account(uid := FIRST_UID + (pid + step) % UIDS):
            return uid
    raise OSError(f"setuid: every user from {FIRST_UID} to {FIRST_UID + UIDS - 1} has an account")


def map_users(pid: int) -> None:
    """Give a child in a new user namespace its user: an unused one when we are root and may give it, else our own."""
    uid, gid = os.geteuid(), os.getegid()
    if uid == 0:
        unused = unused_uid(pid)
        # Refused where root is one of a user namespace that knows no other users.
        with suppress(PermissionError):
            _write(pid, "uid_map", f"0 0 1\n{INNER} {unused} 1\n")
            _write(pid, "gid_map", f"0 {gid} 1\n{INNER} {unused} 1\n")
            return
    _write(pid, "setgroups", "deny")
    _write(pid, "uid_map", f"{INNER} {uid} 1\n")
    _write(pid, "gid_map", f"{INNER} {gid} 1\n")


def become(uid: int) -> None:
    """Be this user and this user only."""
    with suppress(PermissionError):
        os.setgroups([])
    try:
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    except OSError as error:
        raise OSError(error.errno, f"setuid: this process may not become another user ({error.strerror})") from None


def forbid_capabilities() -> None:
    """No capability can come back by a change of user or a program. Only who has them may forbid them."""
    with suppress(PermissionError):
        kernel.prctl(kernel.PR_SET_SECUREBITS, _SECUREBITS, what="securebits")
        for capability in range(_LAST_CAPABILITY + 1):
            with suppress(OSError):
                kernel.prctl(kernel.PR_CAPBSET_DROP, capability, what="bounding set")


def drop_capabilities() -> None:
    """Have no capability, and never any again."""
    with suppress(OSError):
        kernel.prctl(kernel.PR_CAP_AMBIENT, kernel.PR_CAP_AMBIENT_CLEAR_ALL, what="ambient set")
    header = ctypes.create_string_buffer(struct.pack("=Ii", _VERSION_3, 0), 8)
    nothing = ctypes.create_string_buffer(24)
    kernel.call(kernel.CAPSET[kernel.MACHINE], ctypes.byref(header), ctypes.byref(nothing), what="capset")
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1, what="no_new_privs")


@cache
def _has_account(uid: int) -> bool:
    try:
        return bool(pwd.getpwuid(uid))
    except KeyError:
        return False


def _write(pid: int, name: str, text: str) -> None:
    try:
        with open(f"/proc/{pid}/{name}", "w") as file:
            file.write(text)
    except OSError as error:
        raise OSError(error.errno, f"{name}: {error.strerror}") from None
