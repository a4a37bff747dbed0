"""The database made ready: migrated, with plans and the demo workspace. Skipped while nothing has changed."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TypedDict, cast

from moondev.up.house import ROOT, House
from moondev.up.trouble import Trouble


class Demo(TypedDict):
    """What `manage.py seed_demo` leaves in demo.json."""

    email: str
    staff_email: str
    password: str
    key: str


def prepare(house: House, *, again: bool = False) -> None:
    """Migrate and seed, unless the last time was with the same migrations and the same database."""
    stamp = house.data_dir / "prepared"
    state = _state()
    if not again and stamp.exists() and stamp.read_text() == state and (house.data_dir / "demo.json").exists():
        return
    stamp.unlink(missing_ok=True)
    # New rows know no price in the sandbox.
    (house.data_dir / "stocked").unlink(missing_ok=True)
    call(house, "moondev.up.fill", log="prepare", failure="the database cannot be prepared")
    stamp.write_text(state)


def demo(house: House) -> Demo:
    return cast(Demo, json.loads((house.data_dir / "demo.json").read_text()))


def call(house: House, module: str, *, log: str, failure: str) -> None:
    """Run a part of ours to its end, its output in a file of its own. Raises Trouble with the last line of it."""
    house.logs.mkdir(exist_ok=True)
    path = house.logs / f"{log}.log"
    with path.open("w") as output:
        done = subprocess.run(
            [sys.executable, "-m", module], cwd=ROOT, stdin=subprocess.DEVNULL,
            stdout=output, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
    if done.returncode != 0:
        lines = [line for line in path.read_text(errors="replace").splitlines() if line.strip()]
        raise Trouble(f"{failure} ({lines[-1] if lines else 'no output'}): read {path}.")


def _state() -> str:
    """A fingerprint of every migration, the seeds and the database's address."""
    digest = hashlib.sha256()
    files = [*ROOT.glob("*/migrations/*.py"), *ROOT.glob("*/djstripe_migrations/*.py"), *_seeds()]
    for file in sorted(files):
        digest.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes())
    digest.update((ROOT / "requirements.txt").read_bytes())
    digest.update(os.environ.get("DATABASE_URL", "").encode())
    return digest.hexdigest()


def _seeds() -> list[Path]:
    demo = ROOT / "moondev" / "management" / "commands" / "seed_demo.py"
    bars = [ROOT / "backtests" / "datasets" / name for name in ("builtin.py", "usual.py")]
    return [ROOT / "billing" / "seeds.py", demo, *bars]
