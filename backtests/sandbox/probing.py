"""Which levels this machine offers: tried, by a child that shuts itself in and then looks for what is open."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from backtests.sandbox.job import Job, Limits
from backtests.sandbox.levels import ISOLATING, BoundaryMissing, Level
from backtests.sandbox.line import Line
from backtests.sandbox.programs import PROGRAMS

INSPECTION = "inspection"
HOLDS_NOBODY = "limits alone hold nobody"
LIMITS = Limits(cpu_sec=5, wall_sec=10, memory_mb=64, file_mb=1, output_mb=1, log_kb=16)


@cache
def probe() -> Mapping[Level, str]:
    """Every isolating level, strongest first: "" when it is offered, else one line on why not."""
    line = Line({INSPECTION: PROGRAMS[INSPECTION]}, load="nothing")
    try:
        return {level: _reason(line, level) for level in ISOLATING.values()}
    finally:
        line.close()


def choose(level: Level | None, weakest: Level, reasons: Mapping[Level, str]) -> Level:
    """The level to run at: the one named, or the strongest offered; BoundaryMissing when it is not to be had."""
    offered = [candidate for candidate, reason in reasons.items() if not reason]
    if level is not None:
        if level not in offered:
            lacks = reasons.get(level, HOLDS_NOBODY)
            raise BoundaryMissing(f"This machine does not offer the sandbox level {level.label}: {lacks}.")
        return level
    if not offered or offered[0] < weakest:
        best = offered[0].label if offered else "none"
        raise BoundaryMissing(
            f"Untrusted code needs the sandbox level {weakest.label} or stronger, and this machine offers {best}; "
            f"{weakest.label} is missing because: {reasons.get(weakest, HOLDS_NOBODY)}."
        )
    return offered[0]


def _reason(line: Line, level: Level) -> str:
    try:
        outcome = line.start(Job(INSPECTION, {}, limits=LIMITS), level).wait(2 * LIMITS.wall_sec)
    except (BoundaryMissing, TimeoutError) as error:
        return str(error)
    if outcome.ended != "done":
        return outcome.error.message if outcome.error else outcome.ended
    holes = outcome.document if isinstance(outcome.document, list) else ["the inspection said nothing"]
    return "; ".join(str(hole) for hole in holes)
