"""Control groups, version 1 and 2, where this process may make some: limits that no trick in a child gets around."""

from __future__ import annotations

from dataclasses import dataclass

from backtests.sandbox.job import Limits


@dataclass(frozen=True)
class Group:
    """The group of one child."""

    folders: tuple[str, ...] = ()

    @classmethod
    def make(cls, name: str, limits: Limits) -> Group:
        """A group with these limits."""
        return cls()

    def take(self, pid: int) -> None:
        """Put a process into the group."""

    def out_of_memory(self) -> bool:
        """Whether the kernel killed somebody in the group for its memory."""
        return False

    def peak_mb(self) -> float | None:
        """The most memory that the group had."""
        return None

    def remove(self) -> None:
        """Remove the group. Its processes are gone."""
