"""`manage.py seed_demo`: a person with a workspace and a key, and a member of staff, to look around with."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.models import User, Workspace
from accounts.services.workspaces import create_workspace
from gateway.keys import records, services

EMAIL, STAFF_EMAIL = "demo@example.com", "staff@example.com"


class Command(BaseCommand):
    """Makes what is missing and nothing twice; logins and the key stay the same from start to start."""

    help = "Make the demo logins, workspace and key (DEBUG only)"

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("Demo logins are refused with DEBUG off: create an account at /accounts/signup/.")
        kept = _read(_record())
        with transaction.atomic():
            access = _seed(kept)
        _write(_record(), access)
        self.stdout.write("".join(f"{name}: {value}\n" for name, value in access.items()))


def _seed(kept: dict[str, str]) -> dict[str, str]:
    password = kept.get("password") or secrets.token_urlsafe(9)
    demo = _person(EMAIL, "Demo", password)
    _person(STAFF_EMAIL, "Staff", password, is_staff=True)
    workspace = Workspace.objects.of(demo).open().first() or create_workspace(owner=demo, name="Demo")
    key = kept.get("key", "")
    if not _opens(key, workspace):
        _, key = services.create_key(workspace=workspace, actor=demo, name="Demo key", mode="test")
    return {"email": EMAIL, "staff_email": STAFF_EMAIL, "password": password, "key": key}


def _person(email: str, name: str, password: str, *, is_staff: bool = False) -> User:
    """A person with this password and a verified address; staff may do everything."""
    create = User.objects.create_superuser if is_staff else User.objects.create_user
    person = User.objects.filter(email=email).first()
    if person is None:
        person = create(email, password, name=name)
    elif not person.check_password(password):
        person.set_password(password)
        person.save(update_fields=["password"])
    EmailAddress.objects.update_or_create(user=person, email=email, defaults={"verified": True, "primary": True})
    return person


def _opens(key: str, workspace: Workspace) -> bool:
    record = records.find(key) if key else None
    return record is not None and record.workspace_id == workspace.pk and record.enabled and not record.revoked


def _record() -> Path:
    return settings.DATA_DIR / "demo.json"


def _read(record: Path) -> dict[str, str]:
    return dict(json.loads(record.read_text())) if record.exists() else {}


def _write(record: Path, access: dict[str, str]) -> None:
    with open(os.open(record, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(access, file)
