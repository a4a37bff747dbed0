"""How the gate is, for /health."""

from __future__ import annotations

from typing import Literal

from moondev.lib import redis

State = Literal["ok", "down"]


def redis_state() -> State:
    """Whether Redis answers now. "down" means that every process counts its share of each minute alone."""
    try:
        redis.client().ping()
    except redis.AWAY:
        return "down"
    return "ok"
