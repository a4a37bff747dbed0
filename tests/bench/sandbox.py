"""How soon a job's first instruction runs: in a child of the warm zygote at every level, and in a cold interpreter."""

from __future__ import annotations

import subprocess
import sys
import time
from statistics import median, quantiles

from backtests.sandbox import Job, Level, probe
from backtests.sandbox.line import Line
from backtests.sandbox.warmth import INTERPRETER, ROOT
from tests.backtests.sandbox.conftest import SOURCE

# The product promises a first instruction within this many milliseconds.
PROMISE = 150
JOBS, COLD_STARTS = 60, 3
COLD = "from backtests.sandbox.inside import warm; warm.prepare_environment(); warm.load_science()"
NOTHING = Job("source", {"source": "result = 1"})


def lines() -> list[str]:
    """A table of levels, and the cold start as a line of Markdown."""
    line = Line(SOURCE, load="science")
    try:
        line.start(NOTHING, _offered()[0]).wait()
        rows = [_row(line, level) for level in _offered()]
    finally:
        line.close()
    return [
        f"| sandbox level | first instruction p50 ms (below {PROMISE}) | p95 ms | answer back p50 ms |",
        "|---|---|---|---|",
        *rows,
        "",
        f"A cold interpreter that imports the same packages: {median(_cold() for _ in range(COLD_STARTS)):.2f} s.",
    ]


def _offered() -> list[Level]:
    return [level for level, reason in probe().items() if not reason]


def _row(line: Line, level: Level) -> str:
    """One job after the other, from the call to its first instruction and to its answer."""
    firsts, answers = [], []
    for _ in range(JOBS):
        begin = time.perf_counter()
        outcome = line.start(NOTHING, level).wait()
        answers.append(1000 * (time.perf_counter() - begin))
        firsts.append(1000 * outcome.started_after)
        if outcome.document != 1:
            raise SystemExit(f"a job of the sandbox failed: nothing was measured ({outcome})")
    return f"| {level.label} | {median(firsts):.0f} | {quantiles(firsts, n=20)[18]:.0f} | {median(answers):.0f} |"


def _cold() -> float:
    """Seconds until an interpreter has imported everything."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, *INTERPRETER, "-c", COLD], cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, check=True)
    return time.perf_counter() - begin
