"""How the gate is, for /health."""

from __future__ import annotations

from typing import Literal

from moondev.lib import redis

State = Literal["ok", "down"]
NAME = "moondev:health"
KEPT_SECONDS = 60


def redis_state() -> State:
    """Whether Redis takes writes now. "down" means that every process counts its share of each minute alone.

    A PING would not tell: a server with a full memory, too few replicas or a master elsewhere answers it.
    """
    try:
        redis.client().set(NAME, b"", ex=KEPT_SECONDS)
    except redis.AWAY:
        return "down"
    return "ok"
