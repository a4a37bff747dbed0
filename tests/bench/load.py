"""Load from wrk over loopback, and what it cost the server's processes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

CONNECTIONS = 16
SCRIPT = Path(__file__).parent / "rotate.lua"
MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


@dataclass(frozen=True, slots=True)
class Measure:
    """One round: requests a second, latencies and CPU time a request in milliseconds, answers that failed."""

    rate: float
    p50: float
    p99: float
    cpu: float
    failed: int


def run_wrk(url: str, *, headers: Path, seconds: int, group: int, script: Path = SCRIPT) -> Measure:
    """Drive a URL for some seconds; `group` is the process group whose CPU time is counted.

    `script` makes each request from a line of the file `headers`.
    """
    before = cpu_seconds(group)
    done = subprocess.run(
        ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "-s", str(script), url],
        env={**os.environ, "HEADERS": str(headers)},
        capture_output=True,
        text=True,
        check=True,
    )
    return read_report(done.stdout, cpu_seconds(group) - before)


def read_report(text: str, cpu: float) -> Measure:
    """wrk's report as numbers."""
    requests = int(_find(r"(\d+) requests in", text))
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    return Measure(
        rate=float(_find(r"Requests/sec:\s+([\d.]+)", text)),
        p50=_milliseconds(_find(r"(?m)^\s+50%\s+(\S+)", text)),
        p99=_milliseconds(_find(r"(?m)^\s+99%\s+(\S+)", text)),
        cpu=1000 * cpu / max(1, requests),
        failed=int(failed[1]) if failed else 0,
    )


def cpu_seconds(group: int) -> float:
    """User and system time of all processes of a group so far."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        fields = _fields(stat)
        if fields and int(fields[2]) == group:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def check_wrk() -> None:
    """End with one line when wrk is missing."""
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is not installed. On Debian and Ubuntu: apt-get install wrk")


def _fields(stat: Path) -> list[str]:
    # The second field is the name in parentheses, which may hold spaces; what counts comes after it.
    try:
        return stat.read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _find(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    if found is None:
        raise ValueError(f"wrk did not report {pattern}:\n{text}")
    return found[1]


def _milliseconds(text: str) -> float:
    found = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text)
    if found is None:
        raise ValueError(f"wrk measured no latency but {text!r}: the server answered nothing")
    return float(found[1]) * MILLISECONDS[found[2]]
