"""Is it alive, and can it serve: two questions with two answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

import structlog
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from gateway.gate.health import redis_state
from marketdata import state as feeds
from moondev.lib import clock

log = structlog.get_logger(__name__)
Value = TypeVar("Value")

# A crowd of probes costs one look a second.
KEPT_SECONDS = 1.0


class Kept:
    """A value looked up at most once in KEPT_SECONDS, by one thread at a time."""

    def __init__(self, look: Callable[[], dict[str, str]]) -> None:
        self.look = look
        self.lock = threading.Lock()
        self.until = 0.0
        self.value: dict[str, str] = {}

    def get(self) -> dict[str, str]:
        with self.lock:
            if time.monotonic() >= self.until:
                self.value = self.look()
                self.until = time.monotonic() + KEPT_SECONDS
            return self.value

    def forget(self) -> None:
        """Look again the next time, however soon."""
        self.until = 0.0


def health() -> dict[str, Any]:
    """status "ok" or "degraded", time (ISO 8601, UTC), service and each check's "ok", "stale", "empty" or "down"."""
    found = checks.get()
    status = "ok" if set(found.values()) == {"ok"} else "degraded"
    return {
        "status": status,
        "time": clock.now().isoformat(timespec="seconds").replace("+00:00", "Z"),
        "service": settings.MOONDEV_SERVICE,
        "checks": found,
    }


def reasons_not_ready() -> list[str]:
    """Why this process cannot serve; empty when it can."""
    found = checks.get()
    reasons = [f"{name} is not reachable" for name in ("database", "redis") if found[name] != "ok"]
    if not reasons and not _is_migrated():
        reasons.append("migrations are not applied")
    return reasons


def _look() -> dict[str, str]:
    database = _database()
    return {"database": database, "redis": redis_state(), "market_data": _market_data() if database == "ok" else "down"}


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        log.warning("database is not reachable", kind=type(error).__name__)
        return "down"
    return "ok"


def _market_data() -> str:
    state = feeds.health().status
    return "ok" if state == "fresh" else state


checks = Kept(_look)
_migrated = False


def forget_migrations() -> None:
    """Look again whether migrations are applied."""
    global _migrated
    _migrated = False


def _is_migrated() -> bool:
    """Whether every migration is applied. Looked up until it is so once: a process cannot lose it again."""
    global _migrated
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _migrated
