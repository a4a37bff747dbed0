"""The fixed cast of the tests: olivia owns, max is a member, sam is a stranger, rita is staff."""

from __future__ import annotations

from functools import lru_cache

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import make_password

from accounts.models import Member, Role, User, Workspace

PASSWORD = "correct horse battery"


@lru_cache(maxsize=1)
def hashed() -> str:
    """Everybody's password, hashed once: a hash is slow on purpose, and thousands of them would be the test run."""
    return make_password(PASSWORD)


def person(name: str, *, is_staff: bool = False) -> User:
    """Somebody with a login."""
    email = f"{name.lower()}@example.com"
    return User.objects.create(email=email, name=name, password=hashed(), is_staff=is_staff, is_superuser=is_staff)


def give_second_factor(user: User) -> None:
    """What lets staff in at /admin/."""
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "not used here"})


@pytest.fixture
def olivia(db: None) -> User:
    return person("Olivia")


@pytest.fixture
def max(db: None) -> User:
    return person("Max")


@pytest.fixture
def sam(db: None) -> User:
    return person("Sam")


@pytest.fixture
def rita(db: None) -> User:
    return person("Rita", is_staff=True)


@pytest.fixture
def workspace(olivia: User, max: User) -> Workspace:
    workspace = Workspace.objects.create(slug="olivia-co", name="Olivia & Co")
    Member.objects.create(workspace=workspace, user=olivia, role=Role.OWNER)
    Member.objects.create(workspace=workspace, user=max, role=Role.MEMBER)
    return workspace


@pytest.fixture
def strangers_workspace(sam: User) -> Workspace:
    workspace = Workspace.objects.create(slug="sam-co", name="Sam & Co")
    Member.objects.create(workspace=workspace, user=sam, role=Role.OWNER)
    return workspace
