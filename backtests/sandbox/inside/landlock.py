"""Landlock: which files a child may reach, whoever it is. Source: linux/landlock.h, versions 1 to 7."""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable

from backtests.sandbox.inside import kernel

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
_VERSION = 1
_PATH_BENEATH = 1

READ_FILE, READ_FOLDER = 1 << 2, 1 << 3
# Rights on files by the version that brought them: 13 at first, then reparenting, truncation, device ioctls.
_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
# Executing is never granted; neither are device nodes, sockets and ioctls of devices.
_WRITABLE = (1 << 1) | (1 << 4) | (1 << 5) | (1 << 7) | (1 << 8) | (1 << 10) | (1 << 12) | (1 << 13) | (1 << 14)
# Since version 4: to bind and to connect over TCP. Since 6: abstract sockets and signals of outside.
_NETWORK_SINCE, _NETWORK = 4, 0b11
_SCOPE_SINCE, _SCOPE = 6, 0b11


def version() -> int:
    """The version of the kernel's interface; 0 when it has none or it is switched off."""
    try:
        return kernel.call(CREATE_RULESET, 0, 0, _VERSION, what="landlock")
    except OSError:
        return 0


def rules(readable: Iterable[str], writable: Iterable[str]) -> int:
    """Rules by which nothing but these folders and files can be reached, as a descriptor."""
    known = version()
    rights = _RIGHTS[max(number for number in _RIGHTS if number <= max(known, 1))]
    ruleset = _make_ruleset(known, rights)
    for path in readable:
        _allow(ruleset, path, READ_FILE | READ_FOLDER)
    for path in writable:
        _allow(ruleset, path, rights & (READ_FILE | READ_FOLDER | _WRITABLE))
    return ruleset


def restrict(ruleset: int) -> None:
    """Put rules in force for good. The process has no_new_privs."""
    kernel.call(RESTRICT_SELF, ruleset, 0, what="landlock")
    os.close(ruleset)


def _make_ruleset(known: int, rights: int) -> int:
    words = [rights]
    if known >= _NETWORK_SINCE:
        words.append(_NETWORK)
    if known >= _SCOPE_SINCE:
        words.append(_SCOPE)
    attributes = ctypes.create_string_buffer(struct.pack(f"={len(words)}Q", *words), 8 * len(words))
    return kernel.call(CREATE_RULESET, ctypes.byref(attributes), 8 * len(words), 0, what="landlock")


def _allow(ruleset: int, path: str, rights: int) -> None:
    """Grant rights beneath a path; of a single file only those that a file can have."""
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        granted = rights if os.path.isdir(path) else rights & ~READ_FOLDER
        rule = ctypes.create_string_buffer(struct.pack("=Qi", granted, descriptor), 12)
        kernel.call(ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0, what=f"landlock {path}")
    finally:
        os.close(descriptor)
