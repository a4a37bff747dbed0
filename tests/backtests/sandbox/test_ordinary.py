"""Namespaces hold without root as well: as an ordinary user, who can make no control groups either."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from backtests.sandbox import Level, probe
from backtests.sandbox.warmth import ROOT

pytestmark = pytest.mark.slow
NOBODY = "65534"
# Where the interpreter lies in a folder that only root may enter, a view of the machine in which others may.
OPENED = """
hold=$(mktemp -d)
mount --bind "$1" "$hold"
mount -t tmpfs -o mode=755 tmpfs "$2"
mkdir -p "$1"
mount --move "$hold" "$1"
rmdir "$hold"
shift 2
exec "$@"
"""


def barrier(place: str) -> str:
    """The outermost folder on the way to a place that only its owner may enter; none: "" ."""
    on_the_way = [*reversed(Path(place).parents), Path(place)]
    return next((str(folder) for folder in on_the_way if not folder.stat().st_mode & 0o001), "")


def command() -> list[str]:
    """The program as an ordinary user."""
    program = ["setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", sys.executable]
    program += ["-m", "tests.backtests.sandbox.ordinary"]
    if closed := barrier(sys.base_prefix):
        program = ["unshare", "--mount", "sh", "-ec", OPENED, "sh", sys.base_prefix, closed, *program]
    return program


def test_it_holds_as_an_ordinary_user() -> None:
    if os.geteuid() != 0 or not shutil.which("setpriv") or not shutil.which("unshare"):
        pytest.skip(
            "not tested: only root can run a test as somebody else; these tests run as an ordinary user already"
        )
    if probe()[Level.NAMESPACES] or barrier(str(ROOT)) or barrier(sys.prefix):
        pytest.skip("not tested: no namespaces here, or a checkout that others may not enter")
    done = subprocess.run(command(), cwd=ROOT, capture_output=True, text=True, check=False, env={"PATH": os.defpath})
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    if "namespaces" in told["missing"]:
        pytest.skip(f"not tested: an ordinary user gets no namespaces here: {told['missing']['namespaces']}")
    assert (told["uid"], told["complaints"]) == (int(NOBODY), [])
    assert told["tried"] >= 40
