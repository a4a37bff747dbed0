"""What the tests of people and workspaces share: confirmed addresses, a plan with room, counters that start at zero."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from threading import Thread
from types import SimpleNamespace

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.utils import timezone

from accounts.models import Member, Role, User, Workspace
from billing.models import Entitlement, Plan

PASSWORD = "correct horse battery"


def verify(user: User) -> User:
    """Mark a person's address as confirmed."""
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    return user


def person(email: str) -> User:
    """A person with a confirmed address and PASSWORD."""
    return verify(User.objects.create_user(email, PASSWORD))


def join(workspace: Workspace, user: User, role: Role = Role.MEMBER) -> Member:
    return Member.objects.create(workspace=workspace, user=user, role=role)


def give_plan(workspace: Workspace, name: str) -> None:
    """Put a workspace on a plan for a month."""
    Entitlement.objects.create(
        workspace=workspace,
        plan=Plan.objects.get(name=name),
        reason="a test",
        ends_at=timezone.now() + timedelta(days=30),
    )


def run(threads: list[Thread]) -> None:
    """Start all of them and wait until each has ended."""
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()


@pytest.fixture(autouse=True)
def fresh_counters(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Attempts at the door are counted in the real Valkey; every test begins at zero and inside one window.

    django-ratelimit's clock stands still: a window that ended within a test would begin to count anew.
    """
    started = time.time()
    monkeypatch.setattr("django_ratelimit.core.time", SimpleNamespace(time=lambda: started))
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def team(workspace: Workspace, olivia: User, max: User) -> Workspace:
    """Olivia's workspace on pro: three seats, two of them taken."""
    verify(olivia)
    verify(max)
    give_plan(workspace, "pro")
    return workspace
