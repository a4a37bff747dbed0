"""What the tests of buying share: plans with prices, a key that may buy, counters that start at zero."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import Member, Role, User, Workspace
from billing.payments.setup import set_up
from gateway.keys.services import create_key
from tests.billing.sandbox.fixture import Sandbox

CHECKOUT, PORTAL = "/billing/create-checkout-session", "/billing/create-portal-session"
Post = Callable[..., Any]


@pytest.fixture(autouse=True)
def fresh_counters(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Addresses are counted in the real Valkey; every test begins at zero and inside one window."""
    started = time.time()
    monkeypatch.setattr("django_ratelimit.core.time", SimpleNamespace(time=lambda: started))
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def ada(workspace: Workspace) -> User:
    """An admin of olivia's workspace."""
    user = User.objects.create_user("ada@example.com")
    Member.objects.create(workspace=workspace, user=user, role=Role.ADMIN)
    return user


@pytest.fixture
def shop(sandbox: Sandbox) -> Sandbox:
    """A sandbox that sells every plan and every add-on, and sends no events to anybody."""
    sandbox.filled("shop", set_up)
    return sandbox


@pytest.fixture
def key(workspace: Workspace, olivia: User) -> str:
    """A key of olivia's workspace that may buy."""
    return create_key(workspace=workspace, actor=olivia, name="billing", scopes=["billing"])[1]


@pytest.fixture
def post(client: Client) -> Post:
    """Posts JSON: `post(path, body, key=..., once=...)`; `once` is the Idempotency-Key."""

    def send(path: str, body: object, *, key: str = "", once: str = "", by: Client = client, **extra: Any) -> Any:
        headers = {name: value for name, value in (("X-API-Key", key), ("Idempotency-Key", once)) if value}
        return by.post(path, body, content_type="application/json", headers=headers, **extra)

    return send
