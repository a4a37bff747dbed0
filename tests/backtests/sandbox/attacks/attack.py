"""One attack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from textwrap import dedent

from backtests.sandbox import Ending, Limits

# Small, so that the whole suite of them is over soon; enough for who only asks and is refused, on a busy machine too.
SMALL = Limits(cpu_sec=3, wall_sec=10, memory_mb=256, processes=8, file_mb=8, output_mb=1, log_kb=16)
# For those that never end by themselves.
BRIEF = replace(SMALL, cpu_sec=1, wall_sec=1)

# What attackers have ready: every way of trying something, and system calls by number.
TOOLS = """
import ctypes, os, platform, signal, sys, time
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long

def got(attempt, *arguments):
    # A refusal, and what libraries make of one; a mistake in the attack itself must not look like that.
    try:
        return repr(attempt(*arguments))
    except (OSError, ImportError, RuntimeError, ValueError, MemoryError):
        return None

def call(x86_64, aarch64, *arguments):
    number = x86_64 if platform.machine() == "x86_64" else aarch64
    words = [ctypes.c_ulong(word) if isinstance(word, int) else word for word in arguments]
    answer = libc.syscall(ctypes.c_long(number), *words)
    return None if answer == -1 else answer

def took(*answers):
    return [answer for answer in answers if answer is not None]
"""


@dataclass(frozen=True)
class Attack:
    """Source, and how its child may end. `done` means that it ended by itself, empty-handed."""

    name: str
    source: str
    ends: frozenset[Ending] = frozenset({"done"})
    limits: Limits = SMALL
    payload: Mapping[str, str] = field(default_factory=dict)

    @property
    def program(self) -> str:
        """What the child is given to run."""
        return TOOLS + dedent(self.source)


def attack(name: str, source: str, *ends: Ending, limits: Limits = SMALL) -> Attack:
    """An attack that may end so; without a word, by itself. Whoever takes too much may also run out of time first."""
    endless = "timeout" in ends or "cpu" in ends
    stopped: tuple[Ending, ...] = ("timeout", "cpu") if ends else ("done",)
    return Attack(name, source, frozenset((*ends, *stopped)), BRIEF if endless and limits is SMALL else limits)
