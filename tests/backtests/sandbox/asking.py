"""How tests run source in the sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

from backtests.sandbox import Job, Level, Limits, Outcome, probe
from backtests.sandbox.levels import ISOLATING
from backtests.sandbox.line import Line
from backtests.sandbox.started import Started

OFFERED = [level for level in ISOLATING.values() if not probe()[level]]
STRONGEST = OFFERED[0]
LIMITS = Limits(cpu_sec=5, wall_sec=20, memory_mb=256, processes=8, file_mb=8, output_mb=1, log_kb=4)
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


def ran(
    line: Line, source: str, *, level: Level = STRONGEST, files: Mapping[str, Path | bytes] | None = None
) -> Outcome:
    """What came of the source."""
    return started(line, source, level=level, files=files).wait()
