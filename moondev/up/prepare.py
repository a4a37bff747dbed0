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
    _fill(house)
    stamp.write_text(state)


def demo(house: House) -> Demo:
    return cast(Demo, json.loads((house.data_dir / "demo.json").read_text()))


def _fill(house: House) -> None:
    house.logs.mkdir(exist_ok=True)
    log = house.logs / "prepare.log"
    with log.open("w") as output:
        done = subprocess.run(
            [sys.executable, "-m", "moondev.up.fill"], cwd=ROOT, stdin=subprocess.DEVNULL,
            stdout=output, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
    if done.returncode != 0:
        lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
        raise Trouble(f"the database cannot be prepared ({lines[-1] if lines else 'no output'}): read {log}.")


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
    return [ROOT / "billing" / "seeds.py", ROOT / "moondev" / "management" / "commands" / "seed_demo.py"]
