"""The ground the tests stand on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import connection

from accounts.models import User
from billing.models import Plan
from tests import restore
from tests.house.processes import PATIENCE_SECONDS, assert_nothing_is_left, processes_of

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.django_db
def test_it_has_a_migrated_database_with_plans() -> None:
    assert list(Plan.objects.values_list("name", flat=True)) == ["free", "pro", "team", "enterprise"]


@pytest.mark.django_db(transaction=True)
def test_it_keeps_the_plans_when_a_test_commits() -> None:
    User.objects.create_user("ghost@example.com", "correct horse battery")
    assert Plan.objects.count() == 4


@pytest.mark.django_db(transaction=True)
def test_it_ends_a_test_that_commits_with_the_rows_of_the_start() -> None:
    start = set(Plan.objects.values_list("name", "title")), set(Permission.objects.values_list("pk", "codename"))
    Plan.objects.filter(name="pro").update(title="Changed")
    Permission.objects.filter(codename="change_plan").delete()
    Permission.objects.create(codename="new", content_type=ContentType.objects.get_for_model(Plan))
    User.objects.create_user("ghost@example.com", "correct horse battery")
    restore.restore()
    assert start == (
        set(Plan.objects.values_list("name", "title")),
        set(Permission.objects.values_list("pk", "codename")),
    )
    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_it_empties_large_tables_too() -> None:
    User.objects.bulk_create(User(email=f"{'x' * 100}{number}@example.com") for number in range(3000))
    restore.restore()
    assert not User.objects.exists()


@pytest.mark.django_db
def test_it_runs_on_a_database_of_its_own() -> None:
    assert connection.settings_dict["NAME"].startswith("test_")
    assert settings.DEBUG is False


def test_it_has_a_cache() -> None:
    cache.set("greeting", "hello", 5)
    assert cache.get("greeting") == "hello"


# A run in the background inherits an ignored Ctrl-C, which Python leaves ignored unless told otherwise.
INNER = """
import signal, sys, pytest
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", "tests/house/test_environment.py", "-k", "cache"]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_it_leaves_nothing_when_pytest_is_ended(number: signal.Signals, open_folder: Path) -> None:
    carried = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    run = subprocess.Popen(
        [sys.executable, "-c", INNER],
        cwd=ROOT,
        env={**carried, "TMPDIR": str(open_folder)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not any("postgres" in line for line in processes_of(open_folder)) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(run.pid, number)
    run.wait(PATIENCE_SECONDS)
    assert_nothing_is_left(open_folder)
    # The folder goes last, after the servers in it have stopped.
    while list(open_folder.glob("moondev-tests-*")) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not list(open_folder.glob("moondev-tests-*"))
