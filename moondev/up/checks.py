"""What must hold before anything is started."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
from pathlib import Path
from typing import IO

from moondev.up.house import HOST, House
from moondev.up.trouble import Trouble

# PostgreSQL's empty files take 40 MB, its first write-ahead logs as much again.
NEEDED_BYTES = 300 * 1024 * 1024


def check_folder(data_dir: Path) -> None:
    """The data folder can be written and has room."""
    remedy = "set DATA_DIR to a folder of your own"
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        probe = data_dir / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise Trouble(f"{data_dir} cannot be written ({error.strerror}): {remedy}.") from error
    for entry in data_dir.iterdir():
        if not entry.is_dir() and not os.access(entry, os.R_OK | os.W_OK):
            raise Trouble(f"{entry} belongs to another user: remove {data_dir}, or {remedy}.")
    if shutil.disk_usage(data_dir).free < NEEDED_BYTES:
        raise Trouble(
            f"less than 300 MB are free at {data_dir}: make room, or {remedy.replace('your own', 'more room')}."
        )


def check_alone(data_dir: Path) -> IO[str]:
    """No other `make up` works in this folder as long as what is returned stays open."""
    held = (data_dir / "up.lock").open("w")
    try:
        # A lock of this kind is the process's own: no child inherits it, and a kill lets it go.
        fcntl.lockf(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        held.close()
        raise Trouble(f"another `make up` works in {data_dir}: stop it, or set DATA_DIR to another folder.") from error
    return held


def check_ports(house: House) -> None:
    """Every port is free and given out once."""
    for name, port in house.ports.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError as error:
                raise Trouble(_port_trouble(name, port, error)) from error
    if len(set(house.ports.values())) < len(house.ports):
        raise Trouble("two services have the same port: give each *_PORT variable a number of its own.")


def _port_trouble(name: str, port: int, error: OSError) -> str:
    return (
        f"port {port} for {name} cannot be used ({error.strerror}): stop what uses it (another `make up`?), "
        f"or set {name.upper()}_PORT to a free one."
    )
