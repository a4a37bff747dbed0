"""Redis or Valkey as this process reaches it: one pool, short time-outs, no hidden retries.

A caller that can do without Redis catches `AWAY`; nobody waits longer than `ANSWER_SECONDS` for it.
"""

from __future__ import annotations

from functools import lru_cache

import redis
from django.conf import settings
from redis import exceptions
from redis.backoff import NoBackoff
from redis.retry import Retry

CONNECT_SECONDS = 0.5
ANSWER_SECONDS = 1.0
MAX_CONNECTIONS = 512

# Redis cannot be reached, does not answer, or answers that it takes no writes for the moment.
AWAY: tuple[type[Exception], ...] = (
    exceptions.ConnectionError,
    exceptions.TimeoutError,
    exceptions.ReadOnlyError,
    exceptions.OutOfMemoryError,
    exceptions.ClusterDownError,
    exceptions.TryAgainError,
    exceptions.MasterDownError,
    OSError,
)


def client() -> redis.Redis:
    """The process-wide client; answers are bytes. Its pool is shared by threads and made anew after a fork."""
    return _client(settings.REDIS_URL)


def subscriber() -> redis.client.PubSub:
    """A pub/sub connection of its own, outside the pool; the caller closes it and opens another after an error."""
    return _connect(settings.REDIS_URL, max_connections=1).pubsub()


def is_away(error: BaseException) -> bool:
    """Whether an error says that Redis is away, as opposed to a fault in the program."""
    return isinstance(error, AWAY)


@lru_cache(maxsize=8)
def _client(url: str) -> redis.Redis:
    return _connect(url, max_connections=MAX_CONNECTIONS)


def _connect(url: str, *, max_connections: int) -> redis.Redis:
    # Protocol 2 and no driver info: a new connection costs no round trip before its first command.
    # No retries: a retried script would take twice, and the caller has a better answer to a failure.
    pool = redis.ConnectionPool.from_url(
        url,
        protocol=2,
        driver_info=None,
        max_connections=max_connections,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    return redis.Redis(connection_pool=pool)
