"""What nobody said anything about: changes whose maker died before the message, or could not send one."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User, Workspace
from billing.models import Entitlement, Plan
from gateway.keys import commits
from gateway.keys.changes import Listener
from gateway.keys.record import KeyRecord
from gateway.keys.records import RecordCache
from gateway.models import ApiKey, KeySecret
from tests.gateway.keys.conftest import MakeKey
from tests.gateway.keys.test_processes import DEADLINE
from tests.gateway.keys.waiting import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow(0.5)]


def revoke() -> None:
    ApiKey.objects.update(revoked_at=timezone.now())


def end_secret() -> None:
    KeySecret.objects.update(expires_at=timezone.now())


def close() -> None:
    Workspace.objects.update(closed_at=timezone.now(), erase_after=timezone.now())


def end_grant() -> None:
    Entitlement.objects.update(revoked_at=timezone.now())


def edit_plan() -> None:
    Plan.objects.filter(name="pro").update(requests_per_minute=7)


@pytest.fixture
def look(make_key: MakeKey, workspace: Workspace, listening: Listener) -> Callable[[], KeyRecord | None]:
    """Looks up a key on pro that this process has read already."""
    ends_at = timezone.now() + timedelta(days=1)
    Entitlement.objects.create(workspace=workspace, plan=Plan.objects.get(name="pro"), reason="a test", ends_at=ends_at)
    _, secret = make_key()
    cache = RecordCache(listening)
    cache.find(secret)
    return lambda: cache.find(secret)


@pytest.mark.parametrize("change", [revoke, end_secret, close, end_grant, edit_plan])
def test_it_holds_a_change_that_nobody_told_of(
    look: Callable[[], KeyRecord | None], change: Callable[[], None]
) -> None:
    before = look()
    change()
    wait_until(lambda: look() != before, seconds=DEADLINE)


def test_it_holds_one_while_postgresql_tells_of_nothing(look: Callable[[], KeyRecord | None]) -> None:
    before = look()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = %s AND datname = current_database()",
            [commits.NAME],
        )
        assert cursor.fetchone()
    revoke()
    wait_until(lambda: look() != before, seconds=DEADLINE)


def test_it_hears_again_after_a_loss(listening: Listener, look: Callable[[], KeyRecord | None]) -> None:
    test_it_holds_one_while_postgresql_tells_of_nothing(look)
    wait_until(lambda: listening.is_proven(time.monotonic()), seconds=5)


def test_it_takes_a_use_for_no_change(
    listening: Listener, make_key: MakeKey, workspace: Workspace, strangers_workspace: Workspace, sam: User
) -> None:
    make_key()
    make_key(workspace=strangers_workspace, actor=sam)

    def hear_all() -> int:
        """Let a change of the other workspace come: all before it have come by then."""
        before = listening.news.last
        ApiKey.objects.filter(workspace=strangers_workspace).update(name=f"after {before}")
        wait_until(lambda: listening.news.is_older(before, strangers_workspace.pk), seconds=DEADLINE)
        return listening.news.last

    before = hear_all()
    ApiKey.objects.filter(workspace=workspace).update(last_used_at=timezone.now())
    hear_all()
    assert not listening.news.is_older(before, workspace.pk)
