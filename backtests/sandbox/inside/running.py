"""The last trusted steps of a child: read the payload, call the program, write what it returned."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

from backtests.sandbox import frames
from backtests.sandbox.inside import failures
from backtests.sandbox.inside.descriptors import Own
from backtests.sandbox.inside.warm import Main
from backtests.sandbox.job import JSON


def prepare_streams() -> None:
    """What is printed goes to the log line by line, so that a crash loses none, whatever letters are in it."""
    sys.stdout, sys.stderr = _lines_to(1), _lines_to(2)


def _lines_to(descriptor: int) -> TextIO:
    return open(descriptor, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)


def run(own: Own, main: Main, files: Mapping[str, Path]) -> None:
    """Run the program and end the process with the answer on its way."""
    payload = read_payload(own.payload)
    write(own.result, frames.BEGIN)
    kind, body = _answer(main, payload, files, own.result)
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    write(own.result, kind, body)
    os._exit(0)


def read_payload(descriptor: int) -> dict[str, Any]:
    """The job's payload, from the beginning of its file."""
    with open(descriptor, "rb") as file:
        payload: dict[str, Any] = json.loads(file.read())
    return payload


def _answer(main: Main, payload: dict[str, Any], files: Mapping[str, Path], result: int) -> tuple[bytes, bytes]:
    """What the program returned, or what it raised, as a frame."""

    def say(message: JSON) -> None:
        body = _encoded(message)
        if len(body) <= frames.LARGEST_MESSAGE:
            write(result, frames.PROGRESS, body)

    try:
        return frames.RESULT, _encoded(main(payload, files, say))
    except BaseException as error:
        return frames.ERROR, _encoded(failures.described(error))


def write(descriptor: int, kind: bytes, body: bytes = b"") -> None:
    """One frame, to its last byte."""
    rest = memoryview(frames.packed(kind, body))
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _encoded(document: JSON) -> bytes:
    return json.dumps(document, allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
