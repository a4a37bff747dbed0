"""What the tests of keys share."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from accounts.models import Member, Role, User, Workspace
from gateway.keys import changes, records, services
from gateway.models import ApiKey
from tests.gateway.keys.waiting import wait_until

MakeKey = Callable[..., tuple[ApiKey, str]]


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """What an earlier test looked up is nobody's memory here."""
    records.forget_all()
    yield
    records.forget_all()


@pytest.fixture
def listening() -> changes.Listener:
    """The listener of this process, hearing: until its subscription stands, that alone makes what was read old."""
    listener = changes.listener()
    listener.start()
    wait_until(lambda: listener.is_proven(time.monotonic()), seconds=5)
    return listener


@pytest.fixture
def make_key(workspace: Workspace, olivia: User) -> MakeKey:
    """A key of olivia's workspace, made by her unless told otherwise: `(key, secret)`."""

    def make(**given: object) -> tuple[ApiKey, str]:
        return services.create_key(**{"workspace": workspace, "actor": olivia, "name": "bot", **given})  # type: ignore[arg-type]

    return make


@pytest.fixture
def ada(workspace: Workspace) -> User:
    """An admin of olivia's workspace."""
    user = User.objects.create_user("ada@example.com", "correct horse battery", name="Ada")
    Member.objects.create(workspace=workspace, user=user, role=Role.ADMIN)
    return user
