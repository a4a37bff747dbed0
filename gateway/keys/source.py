"""Key records as PostgreSQL holds them, and what a process remembers of PostgreSQL being away.

Whoever asks while it is away is refused at once instead of waiting for a connection; a thread looks twice a second
whether it is back.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from datetime import datetime

import psycopg
import structlog
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from billing import limits
from gateway.keys.record import KeyRecord
from gateway.keys.secrets import digests_of
from gateway.models import KeySecret
from moondev.lib.addresses import parse_networks

# A reading that takes longer counts as away for everybody else.
SLOW_SECONDS = 1.0
PROBE_SECONDS = 0.5

log = structlog.get_logger("gateway.keys")


class DatabaseAway(Exception):
    """PostgreSQL cannot be asked at this moment."""


class Source:
    """Reads records in the caller's thread, while PostgreSQL is there."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._away = False
        self._running: dict[int, float] = {}
        self._numbers = itertools.count()

    def read(self, secret: str) -> KeyRecord | None:
        """The record of a presented string, None if no key has it. Raises DatabaseAway."""
        if self._away or self._is_slow():
            raise DatabaseAway
        number = next(self._numbers)
        self._running[number] = time.monotonic()
        try:
            return read_record(secret)
        except (OperationalError, InterfaceError) as error:
            self._lose()
            raise DatabaseAway from error
        finally:
            del self._running[number]

    def _is_slow(self) -> bool:
        started = next(iter(list(self._running.values())), None)
        return started is not None and time.monotonic() - started > SLOW_SECONDS

    def _lose(self) -> None:
        if not connection.in_atomic_block:
            # Back to the pool, which drops it when it is broken.
            connection.close()
        with self._lock:
            if self._away:
                return
            self._away = True
        log.warning("PostgreSQL is away: key records are served from memory")
        parameters = {**connection.get_connection_params(), "connect_timeout": 2}
        threading.Thread(target=self._probe, args=[parameters], name="key-source-probe", daemon=True).start()

    def _probe(self, parameters: dict[str, object]) -> None:
        while not _answers(lambda: psycopg.connect(**parameters)):  # type: ignore[arg-type]
            time.sleep(PROBE_SECONDS)
        self._away = False
        log.info("PostgreSQL is back")


def read_record(secret: str) -> KeyRecord | None:
    """Read a presented string's key, its workspace and their terms, under every version of the pepper at once."""
    now = timezone.now()
    rows = KeySecret.objects.select_related("key__workspace")
    found = rows.filter(digest__in=digests_of(secret).values()).first()
    return record_of(found, now) if found else None


def record_of(secret: KeySecret, now: datetime) -> KeyRecord:
    """The record of one stored secret at a moment. Reads the terms of its workspace."""
    key, workspace = secret.key, secret.key.workspace
    standing = limits.standing_of(workspace.pk, now)
    plan_rate = standing.terms.requests_per_minute
    own_rate = key.own_rate(plan=plan_rate, at=now)
    expires_at = _first(key.expires_at, secret.expires_at)
    return KeyRecord(
        key_id=key.pk,
        workspace_id=workspace.pk,
        workspace_slug=workspace.slug,
        terms=standing.terms,
        limit_per_minute=plan_rate if own_rate is None else own_rate,
        own_budget=own_rate is not None,
        scopes=frozenset(key.scopes),
        networks=parse_networks(tuple(key.allowed_addresses)),
        mode=key.mode,
        expires_at=expires_at,
        enabled=key.enabled,
        revoked=key.revoked_at is not None,
        workspace_open=workspace.is_open,
        stale_at=_first(*_ahead(now, expires_at, key.rate_override_until, standing.until)),
    )


def _first(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


def _ahead(now: datetime, *moments: datetime | None) -> list[datetime]:
    return [moment for moment in moments if moment is not None and moment > now]


def _answers(connect: Callable[[], psycopg.Connection]) -> bool:
    try:
        with connect() as opened:
            opened.execute("SELECT 1")
    except psycopg.Error:
        return False
    return True
