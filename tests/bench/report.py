"""Results as tables: for the terminal, and into docs/performance.md between its markers."""

from __future__ import annotations

import os
import platform
from statistics import median

from moondev.lib.clock import now
from tests.bench.load import Measure
from tests.live import ROOT

PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
NAMES = {"gate": "with the gate", "bare": "same views, no gate", "textbook": "textbook gateway"}
# What the machine did in the minute before the benchmark began; above QUIET the table says so.
LOAD_BEFORE = os.getloadavg()[0]
QUIET = 0.5
Rounds = dict[tuple[str, str], list[Measure]]


def middle(rounds: list[Measure]) -> Measure:
    """The median of each number over the rounds."""
    return Measure(
        rate=median(m.rate for m in rounds),
        p50=median(m.p50 for m in rounds),
        p99=median(m.p99 for m in rounds),
        cpu=median(m.cpu for m in rounds),
        failed=sum(m.failed for m in rounds),
    )


def load_table(rounds: Rounds) -> list[str]:
    """One line a path and server, then the two ratios that the product promises."""
    lines = ["| call | server | requests/s | p50 ms | p99 ms | CPU ms/request |", "|---|---|---|---|---|---|"]
    for (path, name), measures in rounds.items():
        m = middle(measures)
        lines.append(f"| `{path}` | {NAMES[name]} | {m.rate:,.0f} | {m.p50:.1f} | {m.p99:.1f} | {m.cpu:.2f} |")
    lines += ["", "| call | of the bare views (at least 0.5) | of the textbook gateway (at least 4) |", "|---|---|---|"]
    for path in dict.fromkeys(path for path, _ in rounds):
        lines.append(f"| `{path}` | {ratio(rounds, path, 'bare'):.2f} | {ratio(rounds, path, 'textbook'):.1f} |")
    return lines


def ratio(rounds: Rounds, path: str, other: str) -> float:
    """Requests a second with the gate, as a multiple of another server's: the median over the rounds, pair by pair."""
    pairs = zip(rounds[path, "gate"], rounds[path, other], strict=True)
    return median(gate.rate / against.rate for gate, against in pairs)


def machine() -> str:
    """Where and when it was measured."""
    python, cpus = platform.python_version(), f"{os.cpu_count()} CPUs ({platform.machine()})"
    busy = f"{LOAD_BEFORE:.1f} processes were at work beside it" if LOAD_BEFORE > QUIET else "otherwise idle"
    return f"Measured {now():%Y-%m-%d} on {cpus}, Python {python}, {busy}."


def write(lines: list[str]) -> None:
    """Put the tables into docs/performance.md."""
    text = PAGE.read_text()
    before, after = text.partition(BEGIN)[0], text.partition(END)[2]
    PAGE.write_text(before + BEGIN + "\n" + "\n".join(lines) + "\n" + END + after)
