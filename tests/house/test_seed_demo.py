"""The demo logins, workspace and key."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from accounts.models import User, Workspace
from gateway.keys import records
from gateway.models import ApiKey

pytestmark = pytest.mark.django_db


@pytest.fixture
def debug(settings: Settings, tmp_path: Path) -> Path:
    settings.DEBUG = True
    settings.DATA_DIR = tmp_path
    return tmp_path


def test_it_makes_a_login_a_workspace_and_a_key_that_opens(debug: Path) -> None:
    call_command("seed_demo", verbosity=0)
    access = json.loads((debug / "demo.json").read_text())
    demo = User.objects.get(email=access["email"])
    assert demo.check_password(access["password"])
    assert not demo.is_staff
    record = records.find(access["key"])
    assert record is not None
    assert record.workspace_id == Workspace.objects.of(demo).get().pk
    assert record.mode == "test"


def test_it_changes_nothing_the_second_time(debug: Path) -> None:
    call_command("seed_demo", verbosity=0)
    first = (debug / "demo.json").read_text()
    call_command("seed_demo", verbosity=0)
    assert (debug / "demo.json").read_text() == first
    assert (User.objects.count(), Workspace.objects.count(), ApiKey.objects.count()) == (2, 1, 1)


def test_it_makes_a_new_key_when_the_old_one_is_gone(debug: Path) -> None:
    call_command("seed_demo", verbosity=0)
    first = json.loads((debug / "demo.json").read_text())["key"]
    ApiKey.objects.all().delete()
    records.forget_all()
    call_command("seed_demo", verbosity=0)
    assert json.loads((debug / "demo.json").read_text())["key"] != first


def test_it_keeps_the_secrets_to_its_owner(debug: Path) -> None:
    call_command("seed_demo", verbosity=0)
    assert stat.S_IMODE((debug / "demo.json").stat().st_mode) == 0o600


def test_it_is_refused_with_debug_off() -> None:
    with pytest.raises(CommandError, match="DEBUG off"):
        call_command("seed_demo", verbosity=0)
    assert not User.objects.exists()
