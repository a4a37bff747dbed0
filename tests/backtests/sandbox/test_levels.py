"""Which level is taken, and what is said when there is none."""

from __future__ import annotations

import ast

import pytest

from backtests.sandbox import BoundaryMissing, Level, Sandbox, probe
from backtests.sandbox.levels import ISOLATING
from backtests.sandbox.probing import choose
from tests.backtests.sandbox.asking import without_namespaces

ALL = dict.fromkeys(ISOLATING.values(), "")
PLAIN = {**ALL, Level.NAMESPACES: "clone: Operation not permitted"}
NOTHING = dict.fromkeys(ISOLATING.values(), "seccomp: there is no table of system calls for riscv64")


def test_it_takes_the_strongest_that_is_offered() -> None:
    assert choose(None, Level.NAMESPACES, ALL) is Level.NAMESPACES
    assert choose(None, Level.LANDLOCK, PLAIN) is Level.SETUID


def test_it_takes_the_one_that_is_named() -> None:
    assert choose(Level.LANDLOCK, Level.NAMESPACES, ALL) is Level.LANDLOCK


@pytest.mark.parametrize(
    ("level", "weakest", "reasons", "said"),
    [
        (None, Level.NAMESPACES, PLAIN, "namespaces or stronger, and this machine offers setuid; .*clone: Operation"),
        (None, Level.SECCOMP_NO_OPEN, NOTHING, "this machine offers none; .*no table of system calls for riscv64"),
        (Level.NAMESPACES, Level.LANDLOCK, PLAIN, "does not offer the sandbox level namespaces: clone"),
        (Level.NONE, Level.NONE, ALL, "limits alone hold nobody"),
    ],
)
def test_it_says_what_is_missing_in_one_line(
    level: Level | None, weakest: Level, reasons: dict[Level, str], said: str
) -> None:
    with pytest.raises(BoundaryMissing, match=said) as missing:
        choose(level, weakest, reasons)
    assert "\n" not in str(missing.value)


def test_it_never_runs_with_limits_alone() -> None:
    with pytest.raises(BoundaryMissing):
        Sandbox(level=Level.NONE)
    with pytest.raises(KeyError):
        Level.named("none")


def test_it_says_why_there_are_no_namespaces() -> None:
    program = "from backtests.sandbox import probe; print({level.name: reason for level, reason in probe().items()})"
    done = without_namespaces("-c", program)
    assert done.returncode == 0, done.stderr
    reasons = ast.literal_eval(done.stdout)
    assert reasons["NAMESPACES"] == "clone: No space left on device"
    assert reasons["SETUID"].startswith("setuid: this process may not become another user")
    assert reasons["SECCOMP_NO_OPEN"] == probe()[Level.SECCOMP_NO_OPEN]


def test_it_has_tried_every_level() -> None:
    assert list(probe()) == [Level.NAMESPACES, Level.SETUID, Level.LANDLOCK, Level.SECCOMP_NO_OPEN]
    assert all("\n" not in reason for reason in probe().values())
