"""What one process knows and decides by itself: its own admissions, and the fallback while Redis is away.

Without Redis a process admits floor(limit / processes) a window, less what it admitted in that window already. A
process that has never heard from Redis knows nothing of the window it was born in and waits for the next one.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from gateway.gate.interface import WINDOW_SECONDS, Admission, Ticket, Verdict


@dataclass(slots=True)
class Count:
    """One budget in the present window: admitted by this process, and how many of those Redis has not heard of."""

    admitted: int = 0
    debt: int = 0


class LocalGate:
    """Counts in memory, for the present window only; a new window forgets everything."""

    def __init__(self, processes: int) -> None:
        self._processes = max(1, processes)
        self._lock = threading.Lock()
        self._offset = 0.0
        self._met = False
        self._window = self._born = self._now()[0]
        self._counts: dict[tuple[str, str], Count] = {}
        self._calls: dict[tuple[str, str], int] = {}
        self._abused: dict[tuple[str, str], Admission] = {}

    def admit(self, ticket: Ticket) -> Admission:
        """Decide without Redis."""
        with self._lock:
            window, resets_in = self._enter()
            count = self._counts.setdefault(ticket[:2], Count())
            verdict = self._verdict(ticket, count, window)
            if verdict is Verdict.ADMITTED:
                count.admitted += ticket.cost
                count.debt += ticket.cost
            limit = ticket.limit // self._processes
            # The caller sees the plan's limit, so what is used is told as if the other processes had done the same.
            used = ticket.limit - max(0, limit - count.admitted) if self._knows(window) else ticket.limit
            return Admission(ticket, verdict, used, window, resets_in, alone=True)

    def heard(self, admission: Admission) -> None:
        """Redis has answered: remember its clock, and what was admitted in case it goes away."""
        ticket = admission.ticket
        with self._lock:
            self._met = True
            self._follow_clock((admission.window + 1) * WINDOW_SECONDS - admission.resets_in)
            self._enter()
            if admission.window != self._window:
                return
            if admission.verdict is Verdict.ABUSED:
                self._abused[ticket.account, ticket.caller] = admission
            elif ticket.cost and admission.verdict is Verdict.ADMITTED:
                self._counts.setdefault(ticket[:2], Count()).admitted += ticket.cost

    def give_back(self, admission: Admission) -> Admission:
        """Undo an admission of the present window, whoever decided it; what Redis never heard of is no debt then."""
        with self._lock:
            window, _ = self._enter()
            count = self._counts.get(admission.ticket[:2])
            if count is None or window != admission.window:
                return admission
            cost = admission.ticket.cost
            count.admitted = max(0, count.admitted - cost)
            if not admission.alone:
                return admission
            count.debt = max(0, count.debt - cost)
            return admission._replace(used=max(0, admission.used - cost))

    def take_debt(self, ticket: Ticket) -> tuple[int, int]:
        """What Redis must still be told of this budget, and the window; the caller tells it, or puts it back."""
        if not self._counts:
            return 0, 0
        with self._lock:
            window, _ = self._enter()
            count = self._counts.get(ticket[:2])
            if count is None or not count.debt:
                return 0, 0
            debt, count.debt = count.debt, 0
            return debt, window

    def put_debt_back(self, ticket: Ticket, debt: int, window: int) -> None:
        """The call that should have told Redis failed."""
        with self._lock:
            if debt and self._enter()[0] == window:
                self._counts.setdefault(ticket[:2], Count()).debt += debt

    def known_abuse(self, ticket: Ticket) -> Admission | None:
        """The refusal of this window that a caller over its ceiling has already got: no need to ask again."""
        if not self._abused:
            return None
        with self._lock:
            _, resets_in = self._enter()
            known = self._abused.get((ticket.account, ticket.caller))
            return known._replace(ticket=ticket, resets_in=resets_in) if known else None

    def _verdict(self, ticket: Ticket, count: Count, window: int) -> Verdict:
        if ticket.ceiling and self._count_call(ticket) > ticket.ceiling // self._processes:
            return Verdict.ABUSED
        if not ticket.cost:
            return Verdict.ADMITTED
        share = ticket.limit // self._processes if self._knows(window) else 0
        return Verdict.ADMITTED if count.admitted + ticket.cost <= share else Verdict.SPENT

    def _count_call(self, ticket: Ticket) -> int:
        caller = (ticket.account, ticket.caller)
        self._calls[caller] = self._calls.get(caller, 0) + 1
        return self._calls[caller]

    def _knows(self, window: int) -> bool:
        return self._met or window > self._born

    def _follow_clock(self, redis_second: int) -> None:
        """Adopt Redis' clock where it differs; its answer is a whole second, so less than one proves nothing."""
        measured = redis_second + 0.5 - time.time()
        if abs(measured - self._offset) > 1.5:
            self._offset = measured

    def _now(self) -> tuple[int, int]:
        second = int(time.time() + self._offset)
        return second // WINDOW_SECONDS, WINDOW_SECONDS - second % WINDOW_SECONDS

    def _enter(self) -> tuple[int, int]:
        window, resets_in = self._now()
        if window > self._window:
            self._window = window
            self._counts.clear()
            self._calls.clear()
            self._abused.clear()
        # A clock that was set back must not open a window for a second time.
        return self._window, resets_in
