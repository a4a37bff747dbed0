"""The supervisor of `make up`: told to end at any moment, it ends, and so does all that it started."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.house.processes import PATIENCE_SECONDS

ROOT = Path(__file__).resolve().parents[2]
TOLD_TOO_SOON = """
import multiprocessing
import sys
from pathlib import Path
from moondev.up.supervise import LogFiles, Supervisor

multiprocessing.set_start_method("fork")
manager = Supervisor(LogFiles(Path(sys.argv[1])))
for name in ("gateway", "billing"):
    manager.add_process(name, "exec sleep 600")
manager.terminate()
manager.loop()
"""


def test_it_ends_what_had_not_begun_when_it_was_told(tmp_path: Path) -> None:
    told = [sys.executable, "-c", TOLD_TOO_SOON, str(tmp_path / "logs")]
    done = subprocess.run(told, cwd=ROOT, timeout=PATIENCE_SECONDS, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
