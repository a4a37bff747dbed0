"""From which budget a request draws, and whose abuse it counts as."""

from __future__ import annotations

from django.conf import settings

from billing.principal import Principal
from gateway.gate.interface import Ticket
from gateway.keys.record import KeyRecord
from moondev.lib.addresses import line_of

# The minute of the plan, shared by all keys and sessions of a workspace.
SHARED_BUDGET = "used"
CEILING_FACTOR = 10


def for_key(record: KeyRecord, *, cost: int) -> Ticket:
    """A key draws on its workspace's minute; one with a rate of its own, on that."""
    return Ticket(
        account=f"w{record.workspace_id}",
        budget=budget_of(record.key_id, own=record.own_budget),
        limit=record.limit_per_minute,
        cost=cost,
        caller=f"abuse:k{record.key_id}",
        ceiling=CEILING_FACTOR * max(record.limit_per_minute, record.terms.requests_per_minute),
    )


def for_session(principal: Principal, *, cost: int) -> Ticket:
    """A session draws on the minute of its workspace, like a key."""
    return Ticket(
        account=f"w{principal.workspace_id}",
        budget=SHARED_BUDGET,
        limit=principal.limit_per_minute,
        cost=cost,
        caller=f"abuse:s{principal.user_id}",
        ceiling=CEILING_FACTOR * principal.limit_per_minute,
    )


def for_address(address: str) -> Ticket:
    """A request without credentials: no minute, only the ceiling of its address."""
    return Ticket(f"a{line_of(address)}", "none", 0, 0, "abuse", settings.ANONYMOUS_REQUESTS_PER_MINUTE)


def for_unknown_key(address: str) -> Ticket:
    """A key that nobody knows: it takes one of the few that an address may try in a minute."""
    return for_address(address)._replace(budget="unknown", limit=settings.UNKNOWN_KEYS_PER_MINUTE, cost=1)


def for_no_key(address: str) -> Ticket:
    """What cannot be a key at all: the same few, but counted as calls, for they are counted in this process alone."""
    return for_address(address)._replace(ceiling=settings.UNKNOWN_KEYS_PER_MINUTE)


def for_reading(workspace_id: int, *, budget: str, limit: int) -> Ticket:
    """Only look: takes nothing and counts nothing."""
    return Ticket(f"w{workspace_id}", budget, limit, 0, "", 0)


def budget_of(key_id: int, *, own: bool) -> str:
    """The field that holds what was used of a key's minute."""
    return f"k{key_id}" if own else SHARED_BUDGET
