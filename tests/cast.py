"""The fixed cast of the tests: olivia owns, max is a member, sam is a stranger, rita is staff."""

from __future__ import annotations

from functools import lru_cache

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.hashers import make_password
from django.test import Client

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


def workspace_of(owner: User, *members: User) -> Workspace:
    """ "Olivia & Co" for Olivia."""
    workspace = Workspace.objects.create(slug=f"{owner.name.lower()}-co", name=f"{owner.name} & Co")
    Member.objects.create(workspace=workspace, user=owner, role=Role.OWNER)
    for user in members:
        Member.objects.create(workspace=workspace, user=user, role=Role.MEMBER)
    return workspace


def signed_in(user: User) -> Client:
    """A browser in which somebody has signed in, with what a sign-in writes down."""
    browser = Client()
    browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    UserSession.objects.create(user=user, session_key=browser.session.session_key, ip="127.0.0.1")
    return browser


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
    return workspace_of(olivia, max)


@pytest.fixture
def strangers_workspace(sam: User) -> Workspace:
    return workspace_of(sam)
