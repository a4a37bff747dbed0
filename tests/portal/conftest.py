"""What the portal's tests share: people at their browsers, a key on each side, counters that start at zero."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import Invitation, Member, Role, User, Workspace
from billing.models import Entitlement, Plan
from gateway.keys.services import create_key
from gateway.models import ApiKey
from tests.cast import signed_in

Login = Callable[[User], Client]


@pytest.fixture(autouse=True)
def fresh_counters() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def login() -> Login:
    """A browser in which somebody has signed in."""
    return open_session


@pytest.fixture
def team(workspace: Workspace) -> Workspace:
    """Olivia's workspace on pro, so that there is a third seat."""
    put_on_pro(workspace)
    return workspace


@pytest.fixture
def owner(team: Workspace, olivia: User, login: Login) -> Client:
    """Olivia at her browser."""
    return login(olivia)


@pytest.fixture
def mate(team: Workspace, max: User, login: Login) -> Client:
    """Max, a plain member, at his."""
    return login(max)


@pytest.fixture
def stranger(strangers_workspace: Workspace, sam: User, login: Login) -> Client:
    """Sam, who owns another workspace."""
    return login(sam)


@pytest.fixture
def key(team: Workspace, olivia: User) -> ApiKey:
    return create_key(workspace=team, actor=olivia, name="Olivia's bot")[0]


@pytest.fixture
def own_key(team: Workspace, max: User) -> ApiKey:
    """Max's own key."""
    return create_key(workspace=team, actor=max, name="Max's bot")[0]


@pytest.fixture
def strangers_key(strangers_workspace: Workspace, sam: User) -> ApiKey:
    return create_key(workspace=strangers_workspace, actor=sam, name="Sam's bot")[0]


@pytest.fixture
def offer(team: Workspace, olivia: User) -> Invitation:
    """An open invitation to somebody without an account."""
    return invite_row(team, olivia, "joe@example.com")


def open_session(user: User) -> Client:
    EmailAddress.objects.get_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    return signed_in(user)


def put_on_pro(workspace: Workspace) -> None:
    ends_at = timezone.now() + timedelta(days=30)
    plan = Plan.objects.get(name="pro")
    Entitlement.objects.create(workspace=workspace, plan=plan, reason="a test", ends_at=ends_at)


def invite_row(workspace: Workspace, by: User, email: str) -> Invitation:
    return Invitation.objects.create(
        workspace=workspace,
        email=email,
        role=Role.MEMBER,
        token_digest=f"{workspace.pk}-{email}",
        invited_by=by,
        expires_at=timezone.now() + timedelta(days=7),
    )


def member_row(workspace: Workspace, user: User) -> Member:
    found: Member = Member.objects.get(workspace=workspace, user=user)
    return found
