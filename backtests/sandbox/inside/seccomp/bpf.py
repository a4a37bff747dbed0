"""Classic BPF for seccomp: small instructions over the number and the arguments of a system call.

Source: linux/filter.h and linux/seccomp.h. A block begins with the call's number in the accumulator and either jumps
over itself, when the call is another one, or ends in a verdict.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

Code = bytes

_INSTRUCTION = struct.Struct("=HBBI")
_LOAD, _EQUAL, _GREATER, _ANY_BIT, _RETURN = 0x20, 0x15, 0x25, 0x45, 0x06
SIZE = _INSTRUCTION.size
# struct seccomp_data: number, architecture, instruction pointer, six arguments of 64 bits.
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16

ALLOW = 0x7FFF0000
KILL = 0x80000000
_ERRNO = 0x00050000


def error(number: int) -> int:
    """The verdict that the call fails with this errno."""
    return _ERRNO | number


def load(offset: int) -> Code:
    """Four bytes of the call's data. Of an argument these are the lower ones: every one that we look at is an int."""
    return _INSTRUCTION.pack(_LOAD, 0, 0, offset)


def verdict(value: int) -> Code:
    """The end of the filter."""
    return _INSTRUCTION.pack(_RETURN, 0, 0, value)


def unless_equal(value: int, body: Code) -> Code:
    """Run the body when the accumulator is something else."""
    return _INSTRUCTION.pack(_EQUAL, _steps(body), 0, value) + body


def when_equal(value: int, body: Code) -> Code:
    """Run the body when the accumulator is this."""
    return _INSTRUCTION.pack(_EQUAL, 0, _steps(body), value) + body


def when_greater(value: int, body: Code) -> Code:
    """Run the body when the accumulator is greater, as an unsigned number."""
    return _INSTRUCTION.pack(_GREATER, 0, _steps(body), value) + body


def unless_greater(value: int, body: Code) -> Code:
    """Run the body when the accumulator is this or less."""
    return _INSTRUCTION.pack(_GREATER, _steps(body), 0, value) + body


def when_any_bit(mask: int, body: Code) -> Code:
    """Run the body when the accumulator has one of these bits."""
    return _INSTRUCTION.pack(_ANY_BIT, 0, _steps(body), mask) + body


def unless_any_bit(mask: int, body: Code) -> Code:
    """Run the body when the accumulator has none of these bits."""
    return _INSTRUCTION.pack(_ANY_BIT, _steps(body), 0, mask) + body


def argument(index: int) -> Code:
    """Load an argument."""
    return load(ARGUMENTS + 8 * index)


def among(values: Iterable[int], otherwise: int) -> Code:
    """Allow when the accumulator is one of these."""
    return b"".join(when_equal(value, verdict(ALLOW)) for value in values) + verdict(otherwise)


def except_for(values: Iterable[int], refusal: int) -> Code:
    """Allow unless the accumulator is one of these."""
    return b"".join(when_equal(value, verdict(refusal)) for value in values) + verdict(ALLOW)


def _steps(body: Code) -> int:
    """How many instructions a jump over the body skips; a jump reaches 255 at most."""
    steps = len(body) // SIZE
    if steps > 255:
        raise ValueError(f"A block of {steps} instructions is too long to jump over.")
    return steps
