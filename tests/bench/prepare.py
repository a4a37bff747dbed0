"""Customers, their keys and sessions, and market data, in the benchmark's own database."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from accounts.models import Member, Role, User, Workspace
from billing.models import Entitlement, Plan
from gateway.keys.services import create_key
from moondev.lib.clock import now

CUSTOMERS = 50
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def make_customers() -> tuple[Path, Path]:
    """CUSTOMERS workspaces on enterprise. Returns two files of header lines: their keys, their sessions."""
    folder = Path(os.environ["DATA_DIR"])
    lines = [_make_customer(number) for number in range(CUSTOMERS)]
    keys, sessions = folder / "keys.txt", folder / "sessions.txt"
    keys.write_text("".join(f"X-API-Key: {secret}\n" for secret, _ in lines))
    sessions.write_text("".join(f"Cookie: sessionid={session}\n" for _, session in lines))
    return keys, sessions


def _make_customer(number: int) -> tuple[str, str]:
    user = User.objects.create_user(f"bench{number}@example.com", None)
    workspace = Workspace.objects.create(slug=f"bench-{number}", name=f"Bench {number}")
    Member.objects.create(workspace=workspace, user=user, role=Role.OWNER)
    Entitlement.objects.create(
        workspace=workspace,
        plan=Plan.objects.get(pk="enterprise"),
        reason="benchmark",
        ends_at=now() + timedelta(days=1),
    )
    _, secret = create_key(workspace=workspace, actor=user, name="bench")
    return secret, _session_of(user)


def _session_of(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = BACKEND
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)
