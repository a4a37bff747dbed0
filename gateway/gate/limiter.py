"""The minute's budget in Redis: one round trip a request, decided by a script on Redis' own clock."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from redis.exceptions import NoScriptError

from gateway.gate.interface import Admission, Ticket, Verdict
from moondev.lib import redis

VERDICTS = tuple(Verdict)


class Script:
    """A Lua file of this folder, called by its digest and sent whole only to a server that lacks it."""

    def __init__(self, name: str) -> None:
        self._text = (Path(__file__).parent / name).read_text()
        self._digest = hashlib.sha1(self._text.encode(), usedforsecurity=False).hexdigest()

    def __call__(self, key: str, *args: str | int) -> Any:
        try:
            return redis.call("EVALSHA", self._digest, 1, key, *args)
        except NoScriptError:
            return redis.call("EVAL", self._text, 1, key, *args)


take = Script("take.lua")
give_back = Script("give_back.lua")


def key_of(account: str) -> str:
    """The hash of an account; the braces keep it on one slot of a Redis Cluster."""
    return f"gate:{{{account}}}"


def admit(ticket: Ticket, *, debt: int = 0, debt_window: int = 0) -> Admission:
    """Decide on a ticket in Redis. `debt` is what this process admitted alone in `debt_window`. Raises `redis.AWAY`."""
    window, resets_in, verdict, used = take(
        key_of(ticket.account),
        ticket.budget,
        ticket.limit,
        ticket.cost,
        ticket.caller,
        ticket.ceiling,
        debt,
        debt_window,
    )
    return Admission(ticket, VERDICTS[verdict], used, window, resets_in)


def refund(admission: Admission) -> Admission:
    """Give an admission's cost back; a window that is over keeps what was taken. Raises `redis.AWAY`."""
    ticket = admission.ticket
    used = give_back(key_of(ticket.account), ticket.budget, admission.window, ticket.cost)
    return admission if used < 0 else admission._replace(used=used)
