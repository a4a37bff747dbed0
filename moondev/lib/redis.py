"""Redis or Valkey as this process reaches it: one pool, short time-outs, no hidden retries.

A caller that can do without Redis catches `AWAY`; nobody waits longer than `ANSWER_SECONDS` for it.
"""

from __future__ import annotations

import os
import threading
from functools import lru_cache
from typing import Any, ClassVar, cast

import redis
from django.conf import settings
from redis import connection, exceptions
from redis.backoff import NoBackoff
from redis.retry import Retry

CONNECT_SECONDS = 0.5
ANSWER_SECONDS = 1.0
MAX_CONNECTIONS = 512


class Unwilling(exceptions.ResponseError):
    """Redis is there and does nothing for the moment: its disk is full, it lacks replicas, a script holds it up."""


class Parser(connection.DefaultParser):  # type: ignore[misc, valid-type]
    """The library's, with a class for the answers that it knows no class for."""

    EXCEPTION_CLASSES: ClassVar = {
        **connection.DefaultParser.EXCEPTION_CLASSES,
        **dict.fromkeys(("MISCONF", "NOREPLICAS", "BUSY"), Unwilling),
    }


# Redis cannot be reached, does not answer, or answers that it takes no writes for the moment.
AWAY: tuple[type[Exception], ...] = (
    exceptions.ConnectionError,
    exceptions.TimeoutError,
    exceptions.ReadOnlyError,
    exceptions.OutOfMemoryError,
    exceptions.ClusterDownError,
    exceptions.TryAgainError,
    exceptions.MasterDownError,
    Unwilling,
    OSError,
)


def client() -> redis.Redis:
    """The process-wide client; answers are bytes. Its pool is shared by threads and made anew after a fork."""
    return _client(settings.REDIS_URL)


def subscriber() -> redis.client.PubSub:
    """A pub/sub connection of its own, outside the pool; the caller closes it and opens another after an error."""
    connected: Any = _connect(settings.REDIS_URL, max_connections=1)
    return cast(redis.client.PubSub, connected.pubsub())


def call(*command: str | int) -> Any:
    """One command on this thread's own connection; answers are bytes, integers and lists. Raises `AWAY`.

    For what every request does: it costs half of what the client's pool, retries and measurements add to a command.
    """
    return _line.call(settings.REDIS_URL, *command)


def is_away(error: BaseException) -> bool:
    """Whether an error says that Redis is away, as opposed to a fault in the program."""
    return isinstance(error, AWAY)


class _Line(threading.local):
    """A connection for each thread. It closes with its thread."""

    def __init__(self) -> None:
        self._url = ""
        self._connection: Any = None

    def call(self, url: str, *command: str | int) -> Any:
        if self._url != url:
            self._connection, self._url = _client(url).connection_pool.make_connection(), url
        line = self._connection
        try:
            if line.is_connected and _has_ended(line):
                line.disconnect()
            line.send_command(*command)
            return line.read_response()
        except AWAY:
            # An answer that comes too late must not be taken for the next command's.
            line.disconnect()
            raise


def _has_ended(line: Any) -> bool:
    """Whether the server has closed a connection meanwhile. No answer is left unread, so only its end can be read."""
    try:
        return bool(line.can_read(0))
    except AWAY:
        return True


def _hang_up() -> None:
    """A forked child must not speak on its parent's connection."""
    global _line
    _line = _Line()


_line = _Line()
os.register_at_fork(after_in_child=_hang_up)


@lru_cache(maxsize=8)
def _client(url: str) -> redis.Redis:
    return _connect(url, max_connections=MAX_CONNECTIONS)


def _connect(url: str, *, max_connections: int) -> redis.Redis:
    # Protocol 2 and no driver info: a new connection costs no round trip before its first command.
    # No retries: a retried script would take twice, and the caller has a better answer to a failure.
    pool = redis.ConnectionPool.from_url(
        url,
        parser_class=Parser,
        protocol=2,
        driver_info=None,
        max_connections=max_connections,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    return redis.Redis(connection_pool=pool)
