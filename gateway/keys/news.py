"""What a process has heard of changes, as numbers: a record read before the last change that may concern it is old.

Nothing is ever removed from a cache because of a change. Each change gets the next number, and a record remembers the
number that was the last when its reading began; so a change that arrives during the reading is never missed.
"""

from __future__ import annotations

import threading

# Above this many workspaces the single numbers are dropped and one number for everything takes their place.
MOST_WORKSPACES = 10_000


class News:
    """Numbers of the last change of everything, and of each workspace."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._workspaces: dict[int, int] = {}
        self._stops: dict[int, int] = {}
        self.everything = 0
        self.last = 0

    def note(self, workspace_id: int | None, *, stops: bool = False) -> None:
        """A workspace may have changed; None: any may have. `stops`: something of it works no longer."""
        with self._lock:
            number = self.last + 1
            if workspace_id is None or len(self._workspaces) >= MOST_WORKSPACES:
                self._workspaces.clear()
                self._stops.clear()
                self.everything = number
            else:
                self._workspaces[workspace_id] = number
                if stops:
                    self._stops[workspace_id] = number
            # Last of all: whoever reads this number sees what it stands for.
            self.last = number

    def is_older(self, number: int, workspace_id: int) -> bool:
        """Whether something that may concern a workspace changed after `number`."""
        if self.last == number:
            return False
        return self.everything > number or self._workspaces.get(workspace_id, 0) > number

    def has_stopped(self, number: int, workspace_id: int) -> bool:
        """Whether something of a workspace is known to have been stopped after `number`."""
        return self._stops.get(workspace_id, 0) > number
