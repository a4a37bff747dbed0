"""The processes under honcho: their output in files, their end noticed, the table printed once all are ready."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections import deque
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Thread, Timer
from types import MappingProxyType
from typing import IO

from honcho.manager import SYSTEM_PRINTER_NAME, Manager
from honcho.printer import Message

from moondev.up import prepare, shop
from moondev.up.house import HOST, House
from moondev.up.table import table
from moondev.up.trouble import Trouble

READY_SECONDS = 90
# How long an end that came too soon waits before it is tried again.
SOON_SECONDS = 0.1
LAST_LINES = 12


class LogFiles:
    """honcho's printer: a file for each process in place of the terminal, and the last lines kept."""

    width = 0

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.first_to_stop = ""
        self._files: dict[str, IO[bytes]] = {}
        self._last: dict[str, deque[str]] = {}

    def write(self, message: Message) -> None:
        if message.name == SYSTEM_PRINTER_NAME:
            self._note(message.data)
            return
        line = message.data if isinstance(message.data, bytes) else message.data.encode()
        if message.name not in self._files:
            self._files[message.name] = (self.folder / f"{message.name}.log").open("wb", buffering=0)
        self._files[message.name].write(line)
        self._last.setdefault(message.name, deque(maxlen=LAST_LINES)).append(line.decode(errors="replace"))

    def last_lines(self, name: str) -> str:
        return "".join(self._last.get(name, ()))

    def _note(self, text: str) -> None:
        """honcho tells who stopped only in words: `gateway stopped (rc=1)`."""
        name, _, rest = text.partition(" ")
        if rest.startswith("stopped") and not self.first_to_stop:
            self.first_to_stop = name


class Supervisor(Manager):  # type: ignore[misc]  # honcho has no types
    """honcho's manager, which ends well also when it is told to before everything has begun."""

    def __init__(self, logs: LogFiles) -> None:
        super().__init__(printer=logs)
        self._own_id = os.getpid()

    def terminate(self) -> None:
        # Its children are forks that keep its handlers of signals for a moment.
        if os.getpid() != self._own_id:
            return
        if self._all_started():
            super().terminate()
        else:
            # Of what has not begun honcho knows no process to end.
            later = Timer(SOON_SECONDS, self.terminate)
            later.daemon = True
            later.start()


def run(house: House, parent: int) -> int:
    """Run everything until a signal, the parent's end or that of one process; returns the exit code."""
    logs = LogFiles(house.logs)
    house.serving.unlink(missing_ok=True)
    manager = Supervisor(logs)
    for program in house.programs():
        manager.add_process(program.name, program.command, env={**os.environ, **program.environment})
    Thread(target=_attend, args=(house, parent), daemon=True).start()
    manager.loop()
    if manager.returncode in (130, 143):
        return int(manager.returncode)
    name = logs.first_to_stop
    sys.stderr.write(
        f"{logs.last_lines(name)}make up: {name} has ended, so everything was stopped: "
        f"see above and {house.logs / name}.log.\n"
    )
    return 1


def _attend(house: House, parent: int) -> None:
    """Print the table when all are ready; end with the parent."""
    try:
        _await_all(house, parent)
        while os.getppid() == parent:
            time.sleep(0.5)
    except Trouble as trouble:
        sys.stderr.write(f"make up: {trouble}\n")
    os.kill(os.getpid(), signal.SIGTERM)


def _await_all(house: House, parent: int) -> None:
    waiting = list(house.ports)
    deadline = time.monotonic() + READY_SECONDS
    while waiting and os.getppid() == parent:
        waiting = [service for service in waiting if not _is_ready(house, service)]
        if waiting and time.monotonic() > deadline:
            raise Trouble(f"{waiting[0]} does not get ready: read {house.logs}/{waiting[0]}.log.")
        time.sleep(0.1)
    if not waiting:
        shop.stock(house)
        _mend_key(house)
        house.serving.touch()
        sys.stdout.write(table(house))
        sys.stdout.flush()


def _mend_key(house: House) -> None:
    """The demo key that was printed last time may have been revoked since: then there is a new one."""
    if _ask(house, "gateway", "/whoami", {"X-API-Key": prepare.demo(house)["key"]})[0] == 403:
        prepare.prepare(house, again=True)


def _is_ready(house: House, service: str) -> bool:
    status, body = _ask(house, service, "/ready")
    if b"migrations" in body:
        prepare.prepare(house, again=True)
    return status == 200


def _ask(house: House, service: str, path: str, headers: Mapping[str, str] = MappingProxyType({})) -> tuple[int, bytes]:
    """Status and body of an answer; status 0 when there is none."""
    connection = HTTPConnection(HOST, house.ports[service], timeout=5)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, HTTPException):
        return 0, b""
    finally:
        connection.close()
