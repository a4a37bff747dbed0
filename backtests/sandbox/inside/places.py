"""What of the machine's file system is the Python runtime."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

# Libraries that libraries need, and what the linker and the clock look up.
SYSTEM = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/share/zoneinfo", "/etc/ld.so.cache")


@dataclass(frozen=True)
class Places:
    """Folders and files that a child may read, and links between them."""

    readable: tuple[str, ...]
    links: Mapping[str, str]


@cache
def runtime(project: str) -> Places:
    """The standard library, installed packages and system libraries; the product's own code and settings are not."""
    python = [path for path in sys.path if os.path.isdir(path) and not _within(project, path)]
    libraries = [os.path.join(sys.base_prefix, "lib"), *SYSTEM]
    links = {path: os.readlink(path) for path in libraries if os.path.islink(path)}
    paths = [path for path in (*python, *libraries) if os.path.exists(path) and path not in links]
    return Places(tuple(_outermost(os.path.abspath(path) for path in paths)), links)


def _outermost(paths: Iterable[str]) -> list[str]:
    """Without those that lie in another."""
    kept: list[str] = []
    for path in sorted(set(paths)):
        if not any(_within(path, other) for other in kept):
            kept.append(path)
    return kept


def _within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")
