"""What goes into the sandbox and what comes out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from backtests.sandbox.levels import Level

JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"
# A part of a path, and no way out of its folder.
NAME = re.compile(r"\w[\w.-]{0,99}", re.ASCII)
# The kernel passes 253 descriptors in one message.
MOST_FILES = 64
Ending = Literal["done", "error", "timeout", "cpu", "memory", "output", "crashed", "cancelled"]


@dataclass(frozen=True)
class Limits:
    """What one child may use. Memory is what it takes beyond the warm interpreter that it was forked from."""

    cpu_sec: float = 60
    wall_sec: float = 90
    memory_mb: int = 1024
    # Tasks of the child. It can make threads; no level lets it make a process.
    processes: int = 16
    # All that it writes to its private folder, and the largest file.
    file_mb: int = 64
    output_mb: int = 16
    log_kb: int = 256


@dataclass(frozen=True)
class Job:
    """One run of one program of programs.py. Files are read-only in the child, under their names."""

    program: str
    payload: Mapping[str, JSON]
    files: Mapping[str, Path | bytes] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        """ValueError for a file that could not be given."""
        if len(self.files) > MOST_FILES or not all(map(NAME.fullmatch, self.files)):
            raise ValueError(f"At most {MOST_FILES} files, with plain names: {sorted(self.files)}")


@dataclass(frozen=True)
class Failure:
    """What went wrong, in words that the customer may see. `line` counts in the customer's own code."""

    kind: str
    message: str
    line: int | None = None
    traceback: str = ""


@dataclass(frozen=True)
class Outcome:
    """How a job ended. `document` was made by the child: whoever publishes it checks it first.

    Seconds run from the fork to the end of the child, `started_after` from the call to its first instruction.
    """

    ended: Ending
    document: JSON
    error: Failure | None
    log: str
    level: Level
    seconds: float
    started_after: float
    peak_mb: float | None
