"""The filter of system calls, run by a small interpreter of classic BPF: both machines, every level."""

from __future__ import annotations

import errno
import re
import struct
from pathlib import Path

import pytest

from backtests.sandbox import Level
from backtests.sandbox.inside.seccomp import bpf, calls
from backtests.sandbox.inside.seccomp.rules import ALWAYS, ARCHITECTURES, GAPS, LAST_KNOWN, program
from backtests.sandbox.levels import ISOLATING

MACHINES = list(ARCHITECTURES)
ALLOWED, REFUSED, UNKNOWN = "allowed", "refused", "unknown"
VERDICTS = {
    bpf.ALLOW: ALLOWED,
    bpf.error(errno.EPERM): REFUSED,
    bpf.error(errno.ENOTTY): REFUSED,
    bpf.error(errno.ENOSYS): UNKNOWN,
    bpf.KILL: "killed",
}
PID = 4711
HEADERS = {
    "x86_64": "/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
    "aarch64": "/usr/include/asm-generic/unistd.h",
}
# Calls that a strategy needs, by their numbers on x86-64 and aarch64.
NEEDED = {
    "read": (0, 63), "write": (1, 64), "close": (3, 57), "mmap": (9, 222), "mprotect": (10, 226), "munmap": (11, 215),
    "brk": (12, 214), "futex": (202, 98), "getrandom": (318, 278), "clock_gettime": (228, 113), "exit_group": (231, 94),
    "newfstatat": (262, 79), "lseek": (8, 62), "rt_sigaction": (13, 134), "rt_sigreturn": (15, 139),
}  # fmt: skip


def number(machine: str, x86_64: int, aarch64: int) -> int:
    return x86_64 if machine == "x86_64" else aarch64


def verdict(code: bytes, machine: str, call: int, *arguments: int) -> str:
    """What the kernel would say."""
    words = [*arguments, 0, 0, 0, 0, 0, 0][:6]
    data = struct.pack("=iIQ6Q", call if call < 2**31 else call - 2**32, ARCHITECTURES.get(machine, 0), 0, *words)
    accumulator = position = 0
    while True:
        operation, when_true, when_false, value = struct.unpack_from("=HBBI", code, position * bpf.SIZE)
        position += 1
        if operation == 0x06:
            return VERDICTS[value]
        if operation == 0x20:
            (accumulator,) = struct.unpack_from("=I", data, value)
        else:
            holds = {0x15: accumulator == value, 0x25: accumulator > value, 0x45: bool(accumulator & value)}[operation]
            position += when_true if holds else when_false


def filtered(machine: str, level: Level = Level.NAMESPACES, *, threads: bool = True) -> bytes:
    return program(machine, level, pid=PID, threads=threads)


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("level", ISOLATING.values(), ids=lambda level: level.label)
def test_it_refuses_what_it_should_and_lets_pass_what_is_needed(machine: str, level: Level) -> None:
    code = filtered(machine, level)
    denied = [
        *ALWAYS,
        *(calls.CHANGES if level < Level.NAMESPACES else ()),
        *(calls.PATHS if level < Level.LANDLOCK else ()),
    ]
    for call in denied:
        if (found := call.number(machine)) is not None:
            assert verdict(code, machine, found) == REFUSED, call
    for name, numbers in NEEDED.items():
        assert verdict(code, machine, number(machine, *numbers)) == ALLOWED, name
    assert len(code) // bpf.SIZE < 4096


@pytest.mark.parametrize("machine", MACHINES)
def test_it_refuses_what_it_does_not_know(machine: str) -> None:
    code = filtered(machine)
    first, last = GAPS[machine]
    assert verdict(code, machine, first) != UNKNOWN
    for call in (first + 1, last, LAST_KNOWN + 1, 467, 0x40000000, 0x40000000 + 41, 0xFFFFFFFF):
        assert verdict(code, machine, call) == UNKNOWN
    other = MACHINES[1 - MACHINES.index(machine)]
    assert verdict(code, other, 0) == verdict(code, "i386", 20) == "killed"


@pytest.mark.parametrize("machine", MACHINES)
def test_it_lets_a_thread_be_made_and_no_process(machine: str) -> None:
    clone, thread = number(machine, 56, 220), 0x3D0F00
    assert verdict(filtered(machine), machine, clone, thread) == ALLOWED
    assert verdict(filtered(machine, threads=False), machine, clone, thread) == REFUSED
    for flags in (17, 0, 0x4100 | 17, thread | 0x10000000, thread | 0x20000000, thread | 0x2000, 0x8000 | 17):
        assert verdict(filtered(machine), machine, clone, flags) == REFUSED
    assert verdict(filtered(machine), machine, 435, 0) == UNKNOWN


@pytest.mark.parametrize("machine", MACHINES)
def test_it_lets_a_child_signal_itself_only(machine: str) -> None:
    code = filtered(machine)
    for numbers in ((62, 129), (234, 131), (129, 138), (297, 240)):
        call = number(machine, *numbers)
        assert verdict(code, machine, call, PID) == ALLOWED
        for other in (0, 1, PID + 1, 2**32 - 1, 2**32 - PID):
            assert verdict(code, machine, call, other) == REFUSED


@pytest.mark.parametrize("machine", MACHINES)
def test_it_looks_at_commands(machine: str) -> None:
    code = filtered(machine)
    control, device, own = number(machine, 72, 25), number(machine, 16, 29), number(machine, 157, 167)
    assert [verdict(code, machine, control, 0, command) for command in (1, 3, 8, 10, 15)] == [ALLOWED] * 2 + [
        REFUSED
    ] * 3
    assert [verdict(code, machine, device, 0, command) for command in (0x5401, 0x5412, 0x5452)] == [ALLOWED] + [
        REFUSED
    ] * 2
    assert [verdict(code, machine, own, option) for option in (15, 4, 22, 36, 38)] == [ALLOWED] + [REFUSED] * 4


@pytest.mark.parametrize("machine", MACHINES)
def test_it_opens_only_to_read_where_the_file_system_is_shared(machine: str) -> None:
    openat = number(machine, 257, 56)
    for level in (Level.LANDLOCK, Level.SETUID):
        code = filtered(machine, level)
        assert verdict(code, machine, openat, 0, 0, 0o2000000) == ALLOWED
        for flags in (1, 2, 0o100, 0o1000, 0o2002):
            assert verdict(code, machine, openat, 0, 0, flags) == REFUSED
    assert verdict(filtered(machine, Level.NAMESPACES), machine, openat, 0, 0, 0o102) == ALLOWED
    assert verdict(filtered(machine, Level.SECCOMP_NO_OPEN), machine, openat, 0, 0, 0) == REFUSED


@pytest.mark.parametrize("machine", MACHINES)
def test_its_numbers_are_those_of_the_kernel(machine: str) -> None:
    header = Path(HEADERS[machine])
    if not header.exists():
        pytest.skip(f"not tested: {header} is not here")
    defined = dict(re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", header.read_text()))
    groups = [
        value
        for value in vars(calls).values()
        if isinstance(value, tuple) and value and isinstance(value[0], calls.Call)
    ]
    table = {call.name: call.number(machine) for group in groups for call in group}
    # Newer than these headers, or called otherwise in them.
    known = {name: int(found) for name, found in defined.items() if name in table}
    assert {name: table[name] for name in known} == known
    assert len(known) > 150
