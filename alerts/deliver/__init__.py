"""Sends what is owed. Any number of workers may do so at the same time.

A round claims due deliveries, puts those to one place together, and sends to many places at once, each in a thread of
its own; to what shares one limit, such as a Discord webhook, one message goes after the other, and no workspace has all
the threads. Only the round's own thread speaks to the database. What was claimed by a process that ended is claimed
again when its lease has run out, and if its message may have left, the next one says so.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import timedelta
from itertools import groupby

from alerts.channels.shapes import ChannelError, Sent
from alerts.deliver import claims, outcomes
from alerts.deliver.jobs import Job, Outcome, firings_for, is_early, is_vain, jobs_of
from alerts.deliver.lanes import Lanes
from alerts.deliver.places import key_of, place_of
from alerts.models import Delivery
from moondev.lib.clock import now

# Of the threads one workspace has half at the most.
AT_ONCE, THREADS = 400, 64
# Seconds for one round, after which beat or a wake-up starts the next.
LONGEST_ROUND = 30.0
# Seconds between two looks for more while messages are on their way.
LOOK_EVERY = 0.2
# What is due so soon is waited for, by one round of each process, and no longer: beat comes every five seconds, and a
# worker of few processes has other work.
SOON = timedelta(seconds=5)
# An end waits for its beginning.
EARLY = timedelta(seconds=3)
_waiter = threading.Lock()


def work(*, seconds: float = LONGEST_ROUND, waits: bool = True) -> int:
    """Send what is due, for up to about so many seconds; returns how many deliveries were dealt with.

    `waits`: stay for what will be due in a moment.
    """
    with ThreadPoolExecutor(THREADS, thread_name_prefix="deliver") as pool:
        return _Round(pool, time.monotonic() + seconds, waits).run()


class _Round:
    def __init__(self, pool: ThreadPoolExecutor, ends: float, waits: bool) -> None:
        self._pool, self._ends, self._waits = pool, ends, waits
        self._lanes = Lanes()
        self._flying: dict[Future[Outcome], Job] = {}
        self._next_look = 0.0
        self._waited = 0.0
        self._dealt_with = 0

    def run(self) -> int:
        while self._is_time_left() and (self._look() or self._flying or self._wait_for_more()):
            self._start()
            self._land(LOOK_EVERY)
        while self._flying:
            self._land(None)
        _give_back(self._lanes.drop_all())
        return self._dealt_with

    def _is_time_left(self) -> bool:
        return time.monotonic() < self._ends

    def _look(self) -> bool:
        """Claim more, unless enough is in hand or we looked just now; returns whether there is something to start."""
        if len(self._flying) + len(self._lanes) < AT_ONCE and time.monotonic() >= self._next_look:
            rows = claims.claim(AT_ONCE)
            if len(rows) < AT_ONCE:
                self._next_look = time.monotonic() + LOOK_EVERY
            self._take(rows)
        return len(self._lanes) > 0

    def _take(self, rows: list[Delivery]) -> None:
        firings = firings_for(rows)
        early = [row for row in rows if is_early(row, firings)]
        if early:
            claims.give_back(early, after=EARLY)
        vain = [row for row in rows if row not in early and is_vain(row, firings)]
        if vain:
            claims.withdraw(vain)
        ready = sorted((row for row in rows if row not in early + vain), key=key_of)
        for _, found in groupby(ready, key=key_of):
            self._take_for_place(list(found), firings)

    def _take_for_place(self, rows: list[Delivery], firings: dict[tuple[str, int, int | None, str], Delivery]) -> None:
        worn = [row for row in rows if row.attempts > outcomes.MOST_CLAIMS]
        if worn:
            outcomes.park(worn, f"Claimed {outcomes.MOST_CLAIMS} times without an end.", "none")
        rows = [row for row in rows if row not in worn]
        if not rows:
            return
        try:
            place = place_of(rows[0])
        except ChannelError as error:
            outcomes.close(None, rows, error)
            self._dealt_with += len(rows)
            return
        self._lanes.add(place.lane, jobs_of(place, rows, firings))

    def _start(self) -> None:
        """Let messages go, at most one in each lane."""
        taken = Counter(job.workspace_id for job in self._flying.values())
        jobs = list(self._lanes.next(THREADS - len(self._flying), taken))
        if not jobs:
            return
        begun = claims.begin([row for job in jobs for row in job.rows])
        for job in jobs:
            if all(row.pk in begun for row in job.rows):
                self._flying[self._pool.submit(job.run)] = job
                continue
            # One of them was deleted meanwhile, or is somebody else's; the others come again.
            claims.give_back(job.rows)
            self._lanes.go_on(job.place.lane)

    def _land(self, seconds: float | None) -> None:
        """Deal with the messages that have an end by then; those that were taken all at once."""
        if not self._flying:
            return
        done, _ = wait(self._flying, timeout=seconds, return_when=FIRST_COMPLETED)
        landed = [(self._flying.pop(future), future.result()) for future in done]
        sent = [(job, outcome) for job, outcome in landed if isinstance(outcome.result, Sent)]
        resting = outcomes.settle_sent(sent) if sent else []
        for job, outcome in landed:
            following: list[Job] | None = None if job.place.lane in resting else []
            if isinstance(outcome.result, ChannelError):
                following = outcomes.settle_failed(job, outcome, outcome.result)
            self._go_on(job, following)

    def _go_on(self, job: Job, following: list[Job] | None) -> None:
        lane = job.place.lane
        self._dealt_with += len(job.rows)
        if following is None:
            # The place rests, or takes nothing any more.
            _give_back(self._lanes.drop(lane))
        else:
            self._lanes.go_on(lane, following)

    def _wait_for_more(self) -> bool:
        """Sleep until something is due, if that is soon and nobody else in this process does so."""
        if not self._waits or self._waited >= SOON.total_seconds() or not _waiter.acquire(blocking=False):
            return False
        try:
            due = claims.next_due()
            if due is None or due - now() > SOON:
                return False
            pause = min(max((due - now()).total_seconds(), LOOK_EVERY), 1.0)
            self._waited += pause
            time.sleep(pause)
            return True
        finally:
            _waiter.release()


def _give_back(queue: Iterable[Job]) -> None:
    rows = [row for job in queue for row in job.rows]
    if rows:
        claims.give_back(rows)
