"""What a round has still to send, by lane: the messages of a lane go one after another, and workspaces take turns."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence

from alerts.deliver.jobs import Job


class Lanes:
    """Its length is the number of lanes that wait for a thread."""

    def __init__(self) -> None:
        # A lane with a message on its way has an entry, be it empty.
        self._queues: dict[str, deque[Job]] = {}
        # The others, by the workspace whose message comes next in them.
        self._waiting: dict[int, deque[str]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def add(self, lane: str, jobs: Iterable[Job]) -> None:
        """Put messages behind those that are in a lane."""
        is_new = lane not in self._queues
        self._queues.setdefault(lane, deque()).extend(jobs)
        if is_new:
            self.go_on(lane)

    def go_on(self, lane: str, jobs: Sequence[Job] = ()) -> None:
        """Nothing is on its way in a lane any more; `jobs` go first in it."""
        queue = self._queues[lane]
        queue.extendleft(reversed(jobs))
        if queue:
            self._waiting.setdefault(queue[0].workspace_id, deque()).append(lane)
        else:
            del self._queues[lane]

    def next(self, free: int, taken: Counter[int]) -> Iterator[Job]:
        """The next messages, one of each lane, when so many threads are free and workspaces have taken those.

        A workspace gets one only while more are free than it has: slow places of its hold up nobody else.
        """
        for workspace in list(self._waiting):
            lanes = self._waiting.pop(workspace)
            while lanes and taken[workspace] < free:
                free, taken[workspace] = free - 1, taken[workspace] + 1
                yield self._queues[lanes.popleft()].popleft()
            if lanes:
                # Behind the others, for the next time.
                self._waiting[workspace] = lanes

    def drop(self, lane: str) -> Iterable[Job]:
        """Take a lane out, one with a message on its way; returns what was still in it."""
        return self._queues.pop(lane)

    def drop_all(self) -> list[Job]:
        """Take everything out."""
        left = [job for queue in self._queues.values() for job in queue]
        self._queues, self._waiting = {}, {}
        return left
