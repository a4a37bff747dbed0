"""What a process has heard of changes, as numbers: a record read before the last change that may concern it is old.

Nothing is ever removed from a cache because of a change. Each change gets the next number, and a record remembers the
number that was the last when its reading began; so a change that arrives during the reading is never missed.
"""

from __future__ import annotations

import threading

# Above this many workspaces the single numbers are dropped and one number for everything takes their place.
MOST_WORKSPACES = 10_000


class Marks:
    """The number of the last change of each workspace, and of the last one that may have been of any."""

    def __init__(self) -> None:
        self._workspaces: dict[int, int] = {}
        self._any = 0

    def put(self, workspace_id: int | None, number: int) -> None:
        """Mark a workspace; None: any of them."""
        if workspace_id is None or len(self._workspaces) >= MOST_WORKSPACES:
            # Before the single numbers go: whoever reads meanwhile finds one or the other.
            self._any = number
            self._workspaces.clear()
        else:
            self._workspaces[workspace_id] = number

    def is_after(self, number: int, workspace_id: int) -> bool:
        """Whether a mark that may concern a workspace is later than `number`."""
        return self._any > number or self._workspaces.get(workspace_id, 0) > number


class News:
    """Numbers of the last change of everything, and of each workspace."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._changes = Marks()
        # Apart: a later change of another kind must not make anybody forget that something was stopped.
        self._stops = Marks()
        self.last = 0

    def note(self, workspace_id: int | None, *, stops: bool = False) -> None:
        """A workspace may have changed; None: any may have. `stops`: something of it works no longer."""
        with self._lock:
            number = self.last + 1
            self._changes.put(workspace_id, number)
            if stops:
                self._stops.put(workspace_id, number)
            # Last of all: whoever reads this number sees what it stands for.
            self.last = number

    def is_older(self, number: int, workspace_id: int) -> bool:
        """Whether something that may concern a workspace changed after `number`."""
        return self.last != number and self._changes.is_after(number, workspace_id)

    def has_stopped(self, number: int, workspace_id: int) -> bool:
        """Whether something of a workspace is known to have been stopped after `number`."""
        return self._stops.is_after(number, workspace_id)
