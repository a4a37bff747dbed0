"""Content as a descriptor that can be read and nothing else."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

SEALS = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL


def read_only(content: Path | bytes) -> int:
    """A descriptor of a file, or of bytes in memory that nobody can change any more."""
    return os.open(content, os.O_RDONLY | os.O_CLOEXEC) if isinstance(content, Path) else _sealed(content)


def close_all(descriptors: list[int]) -> None:
    """Close what was opened for a job that was handed over, or could not be."""
    for descriptor in descriptors:
        os.close(descriptor)


def _sealed(content: bytes) -> int:
    writable = os.memfd_create("sandbox", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        with open(writable, "wb", closefd=False) as file:
            file.write(content)
        fcntl.fcntl(writable, fcntl.F_ADD_SEALS, SEALS)
        return os.open(f"/proc/self/fd/{writable}", os.O_RDONLY | os.O_CLOEXEC)
    finally:
        os.close(writable)
