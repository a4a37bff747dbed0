"""Start everything, say where it is, and leave nothing behind."""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import sys
import uuid

from moondev import embedded
from moondev.guard import Guard
from moondev.up import checks, prepare
from moondev.up.house import MARK, House
from moondev.up.supervise import run
from moondev.up.trouble import Trouble


def main() -> int:
    """Exit codes: 1 for trouble that one line names, 130 after Ctrl-C, 143 after SIGTERM."""
    # Before anything else: one that is killed from here on is missed.
    parent = os.getppid()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    try:
        return _up(House.from_environment(os.environ), parent)
    except (Trouble, embedded.EmbeddedError) as trouble:
        sys.stderr.write(f"make up: {trouble}\n")
    except OSError as error:
        sys.stderr.write(f"make up: {_explain(error)}\n")
    except KeyboardInterrupt:
        return 130
    return 1


def _up(house: House, parent: int) -> int:
    checks.check_folder(house.data_dir)
    checks.check_ports(house)
    with checks.check_alone(house.data_dir):
        return _guarded(house, parent)


def _guarded(house: House, parent: int) -> int:
    """Start and run; whatever happens, no process stays."""
    os.environ.update(house.environment)
    # The supervisor forks its children, which is only asked for by name in newer Pythons.
    multiprocessing.set_start_method("fork")
    guard = Guard()
    mark = f"{MARK}={uuid.uuid4()}"
    guard.watch(mark=mark)
    guard.watch(pair=str(house.data_dir))
    try:
        os.environ[MARK] = mark.partition("=")[2]
        embedded.start(house.data_dir, parts=house.embedded_parts)
        prepare.prepare(house)
        return run(house, parent)
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        guard.stop()


def _leave(number: int, frame: object) -> None:
    """End by the way of every `finally`."""
    sys.exit(128 + number)


def _explain(error: OSError) -> str:
    """One line for what the system refused."""
    where = f" ({error.filename})" if error.filename else ""
    if error.errno == errno.ENOSPC:
        return f"the disk is full{where}: free some space, or set DATA_DIR to a folder on another disk."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"not allowed to write{where}: set DATA_DIR to a folder of your own."
    return f"{error}."


if __name__ == "__main__":
    sys.exit(main())
