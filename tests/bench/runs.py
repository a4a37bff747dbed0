"""What is measured, in which order."""

from __future__ import annotations

from pathlib import Path

from accounts.models import Workspace
from tests import environment
from tests.bench import large, market, report
from tests.bench.load import run_wrk
from tests.bench.prepare import make_customers
from tests.bench.report import Rounds
from tests.bench.servers import Server

SETTINGS = {
    "gate": "moondev.settings",
    "bare": "tests.bench.bare_settings",
    "textbook": "tests.bench.textbook_settings",
}


def measure(paths: tuple[str, ...], *, seconds: int, rounds: int) -> list[str]:
    """Everything, as lines of Markdown."""
    environment.make_database()
    keys, sessions = make_customers()
    rows = market.fill(large.ROWS)
    headers = {"gate": keys, "bare": keys, "textbook": sessions}
    first = str(Workspace.objects.order_by("pk")[0].pk)
    servers = {name: Server(module, BENCH_WORKSPACE_ID=first) for name, module in SETTINGS.items()}
    try:
        measured = _loads(servers, headers, paths, seconds=seconds, rounds=rounds)
        download = large.download(servers["gate"], headers["gate"].read_text().splitlines()[0])
    finally:
        for server in servers.values():
            server.stop()
    file = (
        f"`{large.PATH}`: {download.rows:,} lines of {rows:,} stored, {download.size / 1e6:.1f} MB in "
        f"{download.seconds:.2f} s (at most 1 s), {download.extra_mb:.0f} MB of extra memory (at most 64 MB)."
    )
    return [*report.load_table(measured), "", file]


def _loads(
    servers: dict[str, Server], headers: dict[str, Path], paths: tuple[str, ...], *, seconds: int, rounds: int
) -> Rounds:
    measured: Rounds = {(path, name): [] for path in paths for name in servers}
    for name, server in servers.items():
        for path in paths:
            server.wait(path, headers[name].read_text().splitlines()[0])
            # Threads, caches and connections are warm before anything is counted.
            run_wrk(server.url + path, headers=headers[name], seconds=1, group=server.group)
    for _ in range(rounds):
        for path in paths:
            for name, server in servers.items():
                one = run_wrk(server.url + path, headers=headers[name], seconds=seconds, group=server.group)
                if one.failed:
                    raise SystemExit(f"{name} failed {one.failed} times at {path}: nothing was measured")
                measured[path, name].append(one)
    return measured
