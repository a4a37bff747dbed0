"""How tests run source in the sandbox."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

import pytest

from backtests.sandbox import Job, Level, Limits, Outcome, probe
from backtests.sandbox.levels import ISOLATING
from backtests.sandbox.line import Line
from backtests.sandbox.started import Started
from backtests.sandbox.warmth import ROOT

OFFERED = [level for level in ISOLATING.values() if not probe()[level]]
STRONGEST = OFFERED[0]
LIMITS = Limits(cpu_sec=5, wall_sec=20, memory_mb=256, processes=8, file_mb=8, output_mb=1, log_kb=4)
# Before a command: a user namespace whose own limit of further ones is zero.
WITHOUT_NAMESPACES = (
    *("unshare", "--user", "--map-root-user", "sh", "-ec"),
    'echo 0 > /proc/sys/user/max_user_namespaces && exec "$0" "$@"',
)
# What the product promises about an end; a test waits three times as long before it complains.
CANCEL_SECONDS, PATIENCE = 2, 3


def started(
    line: Line,
    source: str,
    *,
    level: Level = STRONGEST,
    files: Mapping[str, Path | bytes] | None = None,
    limits: Limits = LIMITS,
) -> Started:
    """The source on its way."""
    return line.start(Job("source", {"source": dedent(source)}, files or {}, limits), level)


def without_namespaces(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run Python where no namespaces are to be had."""
    command = [*WITHOUT_NAMESPACES, sys.executable, *arguments]
    environment = {**os.environ, **variables}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=environment)
    if "max_user_namespaces" in done.stderr or "unshare:" in done.stderr:
        pytest.skip(f"not tested: {done.stderr.strip()}")
    return done


def ran(
    line: Line, source: str, *, level: Level = STRONGEST, files: Mapping[str, Path | bytes] | None = None
) -> Outcome:
    """What came of the source."""
    return started(line, source, level=level, files=files).wait()
