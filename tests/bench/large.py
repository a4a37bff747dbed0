"""One large download: how long it takes and how much memory the server needs for it."""

from __future__ import annotations

import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from tests.bench.servers import Server

ROWS = 100_000
PATH = f"/files/liq_data.csv?limit={ROWS}"
PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Download:
    """Seconds until the last byte, rows, bytes, and the growth of the server's memory at its peak in MB."""

    seconds: float
    rows: int
    size: int
    extra_mb: float


def download(server: Server, header: str) -> Download:
    """Fetch the file once, as a client that reads it piece by piece."""
    name, _, value = header.partition(": ")
    request = urllib.request.Request(server.url + PATH, headers={name: value, "Cache-Control": "no-cache"})
    before = _forget_peak(server.worker)
    started, size, rows = time.perf_counter(), 0, 0
    with urllib.request.urlopen(request, timeout=120) as response:
        while piece := response.read(PIECE):
            size += len(piece)
            rows += piece.count(b"\n")
    seconds = time.perf_counter() - started
    return Download(seconds, rows, size, (_memory(server.worker, "VmHWM") - before) / 1024)


def _forget_peak(pid: int) -> int:
    """Set the kernel's high-water mark to what is used now; returns that, in KB."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    return _memory(pid, "VmRSS")


def _memory(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    raise ValueError(f"the kernel tells no {name}")
