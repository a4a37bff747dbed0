"""Control groups, version 1 and 2, where this process may make some: limits that no trick in a child gets around.

Version 1 has one tree per controller, version 2 one for all. A group of version 2 can only be made where our own group
hands its controllers down, which an operator arranges (docs/sandbox.md); without, the limits of the process remain.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from backtests.sandbox.job import Limits

PREFIX = "moondev-sandbox-"
CONTROLLERS = ("memory", "pids", "cpu")
MEGABYTE = 1024 * 1024
# One core: threads of a job run in turns.
PERIOD = 100_000
# The child's own pages and those of its private folder, beyond what it may allocate itself.
SPARE_MB = 32


@dataclass(frozen=True)
class Tree:
    """A place where groups can be made, and the controllers that they get there."""

    folder: Path
    controllers: tuple[str, ...]
    version: int

    def settings(self, limits: Limits) -> dict[str, int | str]:
        """Files of a new group and what to write into them."""
        memory = (limits.memory_mb + SPARE_MB) * MEGABYTE
        by_controller: Mapping[str, dict[str, int | str]] = {
            "memory": {"memory.limit_in_bytes": memory} if self.version == 1 else _memory_of_two(memory),
            "pids": {"pids.max": limits.processes},
            "cpu": {"cpu.cfs_quota_us": PERIOD} if self.version == 1 else {"cpu.max": f"{PERIOD} {PERIOD}"},
        }
        return {name: value for controller in self.controllers for name, value in by_controller[controller].items()}


@dataclass(frozen=True)
class Group:
    """The group of one child, in as many trees as there are. Without any it limits nothing."""

    folders: tuple[Path, ...] = ()
    controllers: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def make(cls, name: str, limits: Limits) -> Group:
        """A group with these limits wherever one can be made."""
        folders = tuple(tree.folder / f"{PREFIX}{name}" for tree in trees())
        group = cls(folders, frozenset(controller for tree in trees() for controller in tree.controllers))
        try:
            for tree, folder in zip(trees(), folders, strict=True):
                _make(tree, folder, limits)
        except OSError:
            group.remove()
            raise
        return group

    def take(self, pid: int) -> None:
        """Put a process into the group."""
        for folder in self.folders:
            (folder / "cgroup.procs").write_text(str(pid))

    def out_of_memory(self) -> bool:
        """Whether the kernel killed somebody in the group for its memory."""
        return any(
            line.split() == ["oom_kill", count] and count != "0"
            for line in self._lines("memory.oom_control", "memory.events")
            for count in line.split()[1:]
        )

    def peak_mb(self) -> float | None:
        """The most memory that the group had; None when nobody counted."""
        peaks = [int(line) for line in self._lines("memory.max_usage_in_bytes", "memory.peak") if line.isdigit()]
        return max(peaks) / MEGABYTE if peaks else None

    def remove(self) -> None:
        """Remove the group, whose processes are gone."""
        for folder in self.folders:
            with suppress(OSError):
                folder.rmdir()

    def _lines(self, *names: str) -> Iterator[str]:
        for path in (folder / name for folder in self.folders for name in names):
            with suppress(OSError):
                yield from path.read_text().splitlines()


@cache
def trees() -> tuple[Tree, ...]:
    """Where this process can make groups. Looked up once; what a dead predecessor left behind is removed."""
    found: list[Tree] = []
    for tree in candidates(_read("/proc/self/cgroup"), _read("/proc/self/mountinfo")):
        known = {name for other in found for name in other.controllers}
        if not known & set(tree.controllers) and _is_usable(tree):
            _remove_leftovers(tree.folder)
            found.append(tree)
    return tuple(found)


def candidates(memberships: Iterable[str], mounts: Iterable[str]) -> Iterator[Tree]:
    """Where groups might be made, from the lines of /proc/self/cgroup and /proc/self/mountinfo."""
    groups = _own_groups(memberships)
    for kind, options, root, point in _mounted(mounts):
        if kind == "cgroup2" and "" in groups:
            for folder in _places_of_two(Path(point + groups[""].removeprefix(root.rstrip("/")))):
                yield Tree(folder, _handed_down(folder), 2)
        elif names := tuple(name for name in CONTROLLERS if name in options and name in groups):
            yield Tree(Path(point + groups[names[0]].removeprefix(root.rstrip("/"))), names, 1)


def _own_groups(memberships: Iterable[str]) -> dict[str, str]:
    """Controller -> the path of our group; version 2 has the empty name."""
    groups: dict[str, str] = {}
    for line in memberships:
        _, names, path = line.split(":", 2)
        groups |= dict.fromkeys(names.split(","), path)
    return groups


def _mounted(mounts: Iterable[str]) -> Iterator[tuple[str, list[str], str, str]]:
    """Kind, options, root and mount point of every mounted tree."""
    for line in mounts:
        left, _, right = line.partition(" - ")
        kind, _, options = right.split(" ", 2)
        if kind in ("cgroup", "cgroup2"):
            _, _, _, root, point, *_ = left.split(" ")
            yield kind, options.split(","), root, point


def _places_of_two(own: Path) -> Iterator[Path]:
    """Below our own group, or beside it where the one above was handed over to us with everything in it."""
    yield own
    for mark in ("user.delegate", "trusted.delegate"):
        with suppress(OSError):
            if os.getxattr(own.parent, mark) == b"1":
                yield own.parent


def _handed_down(folder: Path) -> tuple[str, ...]:
    """The controllers that groups below this one have, after asking for those that are there."""
    for name in CONTROLLERS:
        with suppress(OSError):
            (folder / "cgroup.subtree_control").write_text(f"+{name}")
    with suppress(OSError):
        given = (folder / "cgroup.subtree_control").read_text().split()
        return tuple(name for name in CONTROLLERS if name in given)
    return ()


def _make(tree: Tree, folder: Path, limits: Limits) -> None:
    folder.mkdir()
    for setting, value in tree.settings(limits).items():
        (folder / setting).write_text(str(value))


def _is_usable(tree: Tree) -> bool:
    """Whether a group can be made and given limits here; tried, since permissions do not tell."""
    if not tree.controllers:
        return False
    trial = tree.folder / f"{PREFIX}{os.getpid()}-trial"
    try:
        _make(tree, trial, Limits())
        return True
    except OSError:
        return False
    finally:
        with suppress(OSError):
            trial.rmdir()


def _remove_leftovers(folder: Path) -> None:
    for left in folder.glob(f"{PREFIX}*"):
        owner = left.name.removeprefix(PREFIX).partition("-")[0]
        if not os.path.exists(f"/proc/{owner}"):
            with suppress(OSError):
                left.rmdir()


def _memory_of_two(memory: int) -> dict[str, int | str]:
    return {"memory.max": memory, "memory.oom.group": 1}


def _read(path: str) -> Iterable[str]:
    with suppress(OSError):
        return Path(path).read_text().splitlines()
    return ()
