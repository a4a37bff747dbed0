"""The zygote as a process of ours: started by exec, watched, ended."""

from __future__ import annotations

import json
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Literal

from backtests.sandbox.levels import BoundaryMissing

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[2]
# -I without its -E: nobody else's variables are there to be ignored, and the one that is makes a rerun iterate over
# sets of words in the same order.
INTERPRETER = ("-s", "-P", "-B")
ENVIRONMENT = {"PYTHONHASHSEED": "0"}
ENTRY = "import sys; sys.path.append({root!r}); from backtests.sandbox.inside.zygote import main; main()"
STOP_SECONDS = 5
# Everything that strategies use, or only what a look at the machine needs.
Load = Literal["science", "nothing"]


class Warmth:
    """One zygote. Closing its control socket ends it and everything that it started."""

    def __init__(self, programs: Mapping[str, str], *, load: Load) -> None:
        self.owner = os.getpid()
        self._unfit = ""
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        arguments = [str(theirs.fileno()), load, json.dumps(dict(programs))]
        self._process = subprocess.Popen(
            [sys.executable, *INTERPRETER, "-c", ENTRY.format(root=str(ROOT)), *arguments],
            env=ENVIRONMENT,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
        theirs.close()

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def lives(self) -> bool:
        """Whether it can take orders from this process."""
        return self.owner == os.getpid() and self._process.poll() is None

    def hear(self, chunk: bytes) -> None:
        """The zygote says that it is warm, why it may not be used, or why it ends."""
        message = json.loads(chunk) if chunk else {}
        self._unfit = str(message.get("unfit", ""))
        if "died" in message:
            logger.error("The sandbox's zygote has died: %s", message["died"])

    def check_fit(self) -> None:
        """BoundaryMissing when the zygote has said that no child can be forked from it safely."""
        if self._unfit:
            raise BoundaryMissing(self._unfit)

    def kill(self) -> None:
        """End it at once; its children die with it."""
        with suppress(OSError):
            self._process.kill()

    def close(self) -> None:
        """End it and wait for that. In a process that was forked from its owner, only let go of it."""
        if self.owner != os.getpid():
            self.control.close()
            return
        with suppress(OSError):
            self.control.shutdown(socket.SHUT_RDWR)
        self.control.close()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            self._process.wait()
