"""The tests' own PostgreSQL and Valkey, and complete settings with DEBUG off, by environment.

The first process (pytest itself, or the controller of pytest-xdist) starts a throw-away pair in a temporary folder;
workers find it in their environment. A guard stops it and removes the folder however pytest ends.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast
from urllib.parse import quote

import django
import psycopg
from django.core.management import call_command
from django.db import connection, connections
from django.db.backends.postgresql.base import DatabaseWrapper

from moondev import embedded
from moondev.guard import Guard
from tests import restore

PAIR = "TEST_PAIR_DIR"
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
DATABASE = f"test_{WORKER or 'main'}"
TEMPLATE = "test_template"
# Where the key of a real account is kept for `pytest -m stripe_live`; the settings of every test have another one.
ACCOUNT_KEY = "TEST_ACCOUNT_KEY"

MONTHS = [(2026, 3)]

SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "moondev.settings",
    "DEBUG": "0",
    "SECRET_KEY": "test-only-" + "secret-" * 8,
    "KEY_PEPPERS": "1:test-only-pepper",
    "SEAL_KEYS": "ZGV2ZWxvcG1lbnQtb25seS1zZWFsLWtleS0wMDAwMDA=",
    "ALLOWED_HOSTS": "*",
    "STRIPE_SECRET_KEY": "sk_test_tests",
    "STRIPE_WEBHOOK_SECRET": "whsec_tests",
    "MARKET_DATA_SOURCE": "simulated",
    "ALLOW_SIMULATED": "1",
    "SECURE_SSL_REDIRECT": "0",
    "COLLECTED_STATIC": "0",
    "NO_PROXY": "*",
}
# What the developer's shell says about the product is no part of a test.
FOREIGN = (
    *("OPERATOR_TOKEN", "TRUSTED_PROXIES", "CSRF_TRUSTED_ORIGINS", "SECRET_KEY_FALLBACKS"),
    *("MOONDEV_SERVICE", "SANDBOX_LEVEL"),
)
SEED_PREFIXES = ("RATE_LIMIT_", "ALERTS_MAX_", "PRICE_ID_", "STRIPE_", "BILLING_", "RBI_", "BACKTEST_", "ARTEFACTS_")

guard: Guard | None = None


def prepare() -> None:
    """Set the environment before Django reads it."""
    global guard
    if not WORKER:
        guard = Guard()
        os.environ[PAIR] = _start_pair(guard)
        os.environ[ACCOUNT_KEY] = os.environ.get("STRIPE_SECRET_KEY", "")
    for name in [n for n in os.environ if n in FOREIGN or n.startswith(SEED_PREFIXES)]:
        del os.environ[name]
    data_dir = Path(os.environ[PAIR]) / (WORKER or "main")
    (data_dir / "mail").mkdir(parents=True, exist_ok=True)
    urls = {"DATABASE_URL": _database_url(DATABASE), "REDIS_URL": _redis_url()}
    os.environ.update(SETTINGS | urls | {"DATA_DIR": str(data_dir), "EMAIL_URL": f"file://{data_dir / 'mail'}"})


def finish() -> None:
    """Stop the pair now; a pytest that never gets here leaves that to the guard."""
    if guard is not None:
        guard.stop()


@contextmanager
def alone() -> Iterator[None]:
    """Django with servers and a database of its own, for a program that runs without pytest."""
    prepare()
    try:
        django.setup()
        make_database()
        yield
    finally:
        finish()


def make_database() -> None:
    """This process's own database: migrated once a run, cloned by every other worker."""
    with (Path(os.environ[PAIR]) / "database.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with psycopg.connect(_database_url("postgres"), autocommit=True) as server:
            if _has(server, TEMPLATE):
                server.execute(f"CREATE DATABASE {DATABASE} TEMPLATE {TEMPLATE}")
                return
            server.execute(f"CREATE DATABASE {DATABASE}")
            call_command("migrate", verbosity=0, interactive=False)
            _prepare_months()
            with psycopg.connect(_database_url(DATABASE), autocommit=True) as database:
                restore.remember(database)
            # A database is a template only while nobody is connected to it.
            connection.close()
            cast(DatabaseWrapper, connections["default"]).close_pool()
            server.execute(f"CREATE DATABASE {TEMPLATE} TEMPLATE {DATABASE}")


def _prepare_months() -> None:
    """The partitions of the tests' noons: each test that takes rows in would make them, which is its dearest part."""
    # Models wait for the settings that this module makes.
    from marketdata import partitions
    from marketdata.catalogue import FEEDS

    for feed in FEEDS.values():
        if not feed.is_list:
            partitions.prepare_months(feed, MONTHS)


def _has(server: psycopg.Connection, database: str) -> bool:
    return server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone() is not None


def _start_pair(guard: Guard) -> str:
    folder = Path(tempfile.mkdtemp(prefix="moondev-tests-"))
    # The servers' own user must get through to its folder when the tests run as root.
    folder.chmod(0o711)
    guard.watch(mark=f"{PAIR}={folder}")
    guard.watch(pair=str(folder))
    guard.watch(folder=str(folder))
    embedded.start(folder, durable=False)
    return str(folder)


def _database_url(name: str) -> str:
    url = embedded.database_url(Path(os.environ[PAIR]), allowed=True)
    return url.rpartition("/")[0] + "/" + quote(name)


def _redis_url() -> str:
    """Each worker has a numbered database of its own."""
    number = int(WORKER.removeprefix("gw")) + 1 if WORKER else 0
    return embedded.redis_url(Path(os.environ[PAIR]), allowed=True).replace("?db=0", f"?db={number}")
