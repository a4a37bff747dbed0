"""A job as the zygote gets it: a header on the control socket, and descriptors beside it."""

from __future__ import annotations

import json
import socket
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from backtests.sandbox.job import MOST_FILES, Limits
from backtests.sandbox.levels import Level

# The header names at most this much; the payload goes by descriptor, so that the zygote never holds it in memory.
LARGEST_HEADER = 64 * 1024
# Before the files: the job's own socket, result, log and payload.
OWN = 4


@dataclass(frozen=True)
class Order:
    """What the zygote needs to know of a job. The payload's content is for the child alone."""

    program: str
    level: Level
    limits: Limits
    names: Sequence[str]

    def send(self, control: socket.socket, descriptors: Sequence[int]) -> None:
        """Hand the order and its descriptors over."""
        body = json.dumps(
            {"program": self.program, "level": self.level, "limits": asdict(self.limits), "names": list(self.names)}
        )
        socket.send_fds(control, [body.encode()], list(descriptors))


@dataclass(frozen=True)
class Received:
    """An order with its descriptors, which belong to who received it."""

    order: Order
    job: int
    result: int
    log: int
    payload: int
    files: Sequence[int]

    @property
    def descriptors(self) -> list[int]:
        """All of them."""
        return [self.job, self.result, self.log, self.payload, *self.files]


def receive(control: socket.socket) -> Received | None:
    """The next order; None when nobody is left to give one."""
    body, descriptors, _, _ = socket.recv_fds(control, LARGEST_HEADER, OWN + MOST_FILES)
    if not body:
        return None
    header = json.loads(body)
    order = Order(header["program"], Level(header["level"]), Limits(**header["limits"]), header["names"])
    job, result, log, payload, *files = descriptors
    return Received(order, job, result, log, payload, files)
