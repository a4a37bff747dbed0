"""dj-stripe's three migrations as one: the same schema, the same record."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from tests.house.database import fingerprint, new_database

ROOT = Path(__file__).resolve().parents[2]
THEIRS = ["0001_initial", "0002_2_10", "0003_2_11"]
# The same command with and without the override, in a process of its own: settings are read once. Their migrations
# remove five hundred fields, after each of which Django makes most models of the product anew, a minute in all. The
# SQL does not come from those: the models are made when the next other operation needs them.
WITHOUT = """
import sys, django
from django.conf import settings
from django.core.management import execute_from_command_line
from django.db.migrations.state import ProjectState
remove_field = ProjectState.remove_field
def remove_without_reload(self, *given):
    self.reload_model = lambda *_, **__: None
    remove_field(self, *given)
    del self.reload_model
ProjectState.remove_field = remove_without_reload
settings.MIGRATION_MODULES = {}
execute_from_command_line(["manage.py", *sys.argv[1:]])
"""


def migrate(url: str, *arguments: str, override: bool) -> str:
    command = ["manage.py"] if override else ["-c", WITHOUT]
    done = subprocess.run(
        [sys.executable, *command, *arguments],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url},
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow(15)
@pytest.mark.django_db
def test_it_makes_the_schema_of_their_own_migrations() -> None:
    theirs, ours = new_database("djstripe_theirs"), new_database("djstripe_ours")
    migrate(theirs, "migrate", "djstripe", "-v0", override=False)
    migrate(ours, "migrate", "djstripe", "-v0", override=True)
    assert fingerprint(ours, "djstripe_%") == fingerprint(theirs, "djstripe_%")
    # Who comes from their record has nothing to apply, and neither has who goes back to it.
    assert "No migrations to apply" in migrate(theirs, "migrate", "djstripe", override=True)
    assert "No migrations to apply" in migrate(ours, "migrate", "djstripe", override=False)


@pytest.mark.django_db
def test_it_is_recorded_under_their_names_too() -> None:
    applied = {name for app, name in MigrationLoader(connection).applied_migrations if app == "djstripe"}
    assert applied >= set(THEIRS)


@pytest.mark.django_db
def test_no_model_is_without_its_migration() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


@pytest.mark.django_db
def test_the_fingerprint_sees_a_difference() -> None:
    one, other = new_database("print_one"), new_database("print_other")
    for url, text in ((one, "bigint NOT NULL"), (other, "bigint")):
        with psycopg.connect(url, autocommit=True) as server:
            server.execute(f"CREATE TABLE djstripe_thing (id {text})")
    assert urlsplit(one).path != urlsplit(other).path
    assert fingerprint(one, "djstripe_%") != fingerprint(other, "djstripe_%")
