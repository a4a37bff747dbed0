"""How long `make up` takes: on an empty folder, and a second time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.live import ROOT
from tests.live import _free_port as free_port

SERVICES = ("GATEWAY", "BILLING", "ALERTS", "DASHBOARD")
START_SECONDS = 180
# The last line of the table that `make up` prints when everything is ready.
SIGN = "Ctrl-C stops everything"


def lines() -> list[str]:
    """Both starts as one line of Markdown."""
    with tempfile.TemporaryDirectory(prefix="moondev-bench-") as folder:
        Path(folder).chmod(0o711)
        cold, warm = _seconds(folder), _seconds(folder)
    return [f"`make up` with its packages installed: {cold:.1f} s on an empty folder, {warm:.1f} s a second time."]


def _seconds(folder: str) -> float:
    """Start the product in a folder of its own until its table is out, and stop it."""
    ports = {f"{name}_PORT": str(free_port()) for name in SERVICES}
    foreign = ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "DEBUG")
    environment = {name: value for name, value in os.environ.items() if name not in foreign}
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "moondev.up"],
        cwd=ROOT,
        env={**environment, **ports, "DATA_DIR": folder},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        _wait_for_table(process, started)
        return time.perf_counter() - started
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def _wait_for_table(process: subprocess.Popen[str], started: float) -> None:
    seen = []
    for line in process.stdout or ():
        seen.append(line)
        if SIGN in line:
            return
        if time.perf_counter() - started > START_SECONDS:
            break
    raise SystemExit("`make up` did not become ready:\n" + "".join(seen[-20:]))
