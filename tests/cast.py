"""The fixed cast of the tests: olivia owns, max is a member, sam is a stranger, rita is staff."""

from __future__ import annotations

import pytest

from accounts.models import Member, Role, User, Workspace


@pytest.fixture
def olivia(db: None) -> User:
    return User.objects.create_user("olivia@example.com", "correct horse battery", name="Olivia")


@pytest.fixture
def max(db: None) -> User:
    return User.objects.create_user("max@example.com", "correct horse battery", name="Max")


@pytest.fixture
def sam(db: None) -> User:
    return User.objects.create_user("sam@example.com", "correct horse battery", name="Sam")


@pytest.fixture
def rita(db: None) -> User:
    return User.objects.create_superuser("rita@example.com", "correct horse battery", name="Rita")


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
