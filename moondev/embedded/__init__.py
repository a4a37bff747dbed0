"""PostgreSQL 18 and Valkey 9 from wheels, for development and tests: started only when no URL names real ones.

Both listen on unix sockets in a folder that nobody else may enter, never on a port. `make up` and the tests start
and stop them; everything else only asks for their URLs.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from urllib.parse import quote

from django.core.exceptions import ImproperlyConfigured

from moondev.embedded import postgres, valkey
from moondev.embedded.home import EmbeddedError, Home, only_one_at_a_time

__all__ = ["EmbeddedError", "database_url", "redis_url", "start", "stop"]

BOTH = frozenset({"postgres", "valkey"})


def database_url(data_dir: Path, *, allowed: bool) -> str:
    """The URL of the embedded PostgreSQL, whether or not it runs. Raises ImproperlyConfigured where it is refused."""
    _check_allowed("DATABASE_URL", "postgres://user:password@host/name", allowed=allowed)
    home = Home.find(data_dir)
    return f"postgres://{postgres.ROLE}:{home.password}@{quote(str(home.sockets), safe='')}/{postgres.DATABASE}"


def redis_url(data_dir: Path, *, allowed: bool) -> str:
    """The URL of the embedded Valkey, whether or not it runs. Raises ImproperlyConfigured where it is refused."""
    _check_allowed("REDIS_URL", "redis://host:6379/0", allowed=allowed)
    return f"unix://{valkey.socket_of(Home.find(data_dir))}?db=0"


def start(data_dir: Path, *, parts: Collection[str] = BOTH, durable: bool = True) -> None:
    """Start the servers unless they run already; returns when they answer.

    `durable=False` gives up safety against a crash of the machine for speed, as tests want it.
    Raises EmbeddedError with the cause and the remedy.
    """
    with only_one_at_a_time(data_dir):
        home = Home.prepare(data_dir)
        if "valkey" in parts:
            valkey.start(home, durable=durable)
        if "postgres" in parts:
            postgres.start(home, durable=durable)


def stop(data_dir: Path) -> None:
    """Stop both servers cleanly; nothing happens to one that does not run."""
    if not Home.exists(data_dir):
        return
    with only_one_at_a_time(data_dir):
        home = Home.find(data_dir)
        postgres.stop(home)
        valkey.stop(home)


def _check_allowed(variable: str, example: str, *, allowed: bool) -> None:
    if not allowed:
        raise ImproperlyConfigured(
            f"{variable} is not set. Set it, as {example}; or set ALLOW_EMBEDDED=1 to accept the embedded server, "
            "which is made for development."
        )
