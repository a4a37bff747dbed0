"""What every test stands on: a PostgreSQL and a Valkey of its own, the cast, live services and a browser."""

from __future__ import annotations

import gc
import os

import django
import pytest
from django.conf import settings
from pytest_django import DjangoDbBlocker

from tests import environment, restore, statics

# The conftest files below this one import models, so Django must be ready before pytest reads them.
django.setup()
settings.PASSWORD_HASHERS = ["tests.hashers.QuickHasher"]
statics.look_once()

pytest_plugins = [
    "tests.order",
    "tests.cast",
    "tests.shared",
    "tests.live",
    "tests.browser",
    "tests.billing.sandbox.fixture",
]


def pytest_configure(config: pytest.Config) -> None:
    from tests.billing.sandbox.account import check_key

    check_key(config)


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end: looking through all of it for garbage again and again takes a fifth."""
    gc.collect()
    gc.freeze()


def pytest_report_header() -> str:
    folder = os.environ.get("REAL_DATA_DIR")
    return f"REAL_DATA_DIR: {folder}" if folder else "REAL_DATA_DIR: not set, tests on the supplier's files are skipped"


def pytest_unconfigure() -> None:
    from gateway.usage.writer import writer
    from tests.worker import close_nursery

    # What the last tests counted has nowhere to go once the servers are gone.
    writer.forget()
    close_nursery()
    environment.finish()


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> None:
    """In place of pytest-django's: the whole server is thrown away, so no database is ever dropped."""
    with django_db_blocker.unblock():
        environment.make_database()
    restore.in_place_of_flush()


@pytest.fixture(autouse=True)
def fresh_doorstep() -> None:
    """What is refused at sight is counted by address in this process' memory, and all tests have the same address."""
    from gateway.gate.process import doorstep

    doorstep.cache_clear()
