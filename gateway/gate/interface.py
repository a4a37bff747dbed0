"""The narrow waist between those who ask to pass and the machinery that counts them.

Middleware, views and portal know only these names; how admissions are counted can change behind them.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple, Protocol

WINDOW_SECONDS = 60


class Verdict(IntEnum):
    """What became of a request; the numbers are those that take.lua returns."""

    ADMITTED = 0
    SPENT = 1
    ABUSED = 2


class Ticket(NamedTuple):
    """A wish to pass: from which budget, how much, and against which abuse ceiling it counts.

    `account` names the hash that holds both (a workspace `w12`, an address `a192.0.2.7`), `budget` the field of the
    minute's budget, `caller` whose abuse is counted. `cost` 0 only looks; `ceiling` 0 counts no abuse.
    """

    account: str
    budget: str
    limit: int
    cost: int
    caller: str
    ceiling: int


class Admission(NamedTuple):
    """The answer to a ticket. `window` is floor(epoch seconds / 60), `resets_in` whole seconds, 1 to 60.

    `alone` says that this process decided without Redis.
    """

    ticket: Ticket
    verdict: Verdict
    used: int
    window: int
    resets_in: int
    alone: bool = False

    @property
    def remaining(self) -> int:
        """Requests left in this window; never negative, even after a limit was lowered."""
        return max(0, self.ticket.limit - self.used)


class Gate(Protocol):
    """Counts requests. Safe to call from many threads; never raises because Redis is away."""

    def admit(self, ticket: Ticket) -> Admission:
        """Decide on a ticket and take its cost if it passes."""

    def settle(self, admission: Admission, *, succeeded: bool) -> Admission:
        """Close an admission: a failed request gets its cost back. Returns it with what is used then."""
