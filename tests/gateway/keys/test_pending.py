"""The purchased key: made when a workspace pays and has none, its secret made when somebody asks, and shown once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import AuditEntry, User, Workspace
from billing import changes
from billing.models import Entitlement, Subscription
from gateway.keys import pending, receivers, services
from gateway.keys.records import find
from gateway.models import ApiKey, KeySecret
from moondev.lib.errors import Conflict, Forbidden, NotFound
from tests.gateway.keys.conftest import MakeKey

pytestmark = pytest.mark.django_db
Pay = Callable[..., Entitlement]


@pytest.fixture
def pay(workspace: Workspace) -> Pay:
    """A paid plan since some days, as a subscription gives it."""

    def make(days: float = 0, **values: Any) -> Entitlement:
        since = timezone.now() - timedelta(days=days)
        row = {"id": f"sub_{Subscription.objects.count()}", "workspace": workspace, "customer_id": "cus_1"}
        paid = Subscription.objects.create(**row, status="active", plan_id="pro", started_at=since)
        given = {"workspace": workspace, "plan_id": "pro", "source": "stripe", "subscription": paid, "reason": "paid"}
        return Entitlement.objects.create(**{**given, "starts_at": since, **values})

    return make


def keys_of(workspace: Workspace) -> list[tuple[str, bool, int]]:
    return [(key.name, key.is_pending, key.secrets.count()) for key in ApiKey.objects.for_workspace(workspace)]


def test_who_begins_to_pay_without_a_key_finds_one(
    workspace: Workspace, olivia: User, pay: Pay, django_capture_on_commit_callbacks: Any
) -> None:
    pay()
    with django_capture_on_commit_callbacks(execute=True):
        changes.notify(workspace.pk)
        changes.notify(workspace.pk)
    assert keys_of(workspace) == [("First key", True, 0)]
    assert ApiKey.objects.get().created_by == olivia
    assert AuditEntry.objects.filter(action="key.provided", workspace=workspace).count() == 1


def test_no_key_is_made_for_who_has_one_or_does_not_pay(
    workspace: Workspace, strangers_workspace: Workspace, make_key: MakeKey, pay: Pay
) -> None:
    assert pending.provide_key(strangers_workspace.pk) is None
    make_key()
    pay()
    assert pending.provide_key(workspace.pk) is None


def test_a_grant_of_staff_buys_no_key(workspace: Workspace) -> None:
    end = timezone.now() + timedelta(days=3)
    Entitlement.objects.create(workspace=workspace, plan_id="pro", reason="pilot", ends_at=end)
    assert pending.provide_key(workspace.pk) is None


def test_a_closed_workspace_gets_no_key(workspace: Workspace, pay: Pay) -> None:
    pay()
    now = timezone.now()
    Workspace.objects.filter(pk=workspace.pk).update(closed_at=now, erase_after=now + timedelta(days=30))
    assert pending.provide_key(workspace.pk) is None


def test_who_stops_their_only_key_gets_no_other(workspace: Workspace, make_key: MakeKey, pay: Pay) -> None:
    pay(days=1)
    services.revoke_key(key=make_key()[0], actor=None)
    assert pending.provide_key(workspace.pk) is None


def test_who_had_stopped_their_keys_before_paying_gets_one(workspace: Workspace, make_key: MakeKey, pay: Pay) -> None:
    services.revoke_key(key=make_key()[0], actor=None)
    pay()
    assert pending.provide_key(workspace.pk) is not None


def test_its_secret_works_from_the_moment_it_is_shown(workspace: Workspace, olivia: User, pay: Pay) -> None:
    pay()
    pending.provide_key(workspace.pk)
    key, secret = pending.reveal(workspace=workspace, actor=olivia)
    record = find(secret)
    assert record is not None
    assert (record.key_id, record.terms.plan, record.limit_per_minute) == (key.pk, "pro", 600)
    assert not ApiKey.objects.get().is_pending
    entry = AuditEntry.objects.get(action="key.revealed")
    assert entry.actor == olivia
    assert secret not in str(entry.data)


def test_it_is_revealed_once(workspace: Workspace, olivia: User, ada: User, pay: Pay) -> None:
    pay()
    pending.provide_key(workspace.pk)
    pending.reveal(workspace=workspace, actor=ada)
    with pytest.raises(Conflict, match="once"):
        pending.reveal(workspace=workspace, actor=olivia)
    assert KeySecret.objects.count() == 1


def test_it_is_the_key_of_whoever_has_seen_it(workspace: Workspace, olivia: User, ada: User, pay: Pay) -> None:
    pay()
    pending.provide_key(workspace.pk)
    receivers.revoke_leavers_keys(None, workspace=workspace, user_id=olivia.pk)
    key, _ = pending.reveal(workspace=workspace, actor=ada)
    assert (key.created_by, key.revoked_at) == (ada, None)
    receivers.revoke_leavers_keys(None, workspace=workspace, user_id=ada.pk)
    assert not ApiKey.objects.usable().exists()


def test_a_member_and_a_stranger_reveal_nothing(workspace: Workspace, max: User, sam: User, pay: Pay) -> None:
    pay()
    pending.provide_key(workspace.pk)
    with pytest.raises(Forbidden):
        pending.reveal(workspace=workspace, actor=max)
    with pytest.raises(NotFound):
        pending.reveal(workspace=workspace, actor=sam)
    assert keys_of(workspace) == [("First key", True, 0)]


def test_a_key_that_nobody_has_seen_cannot_be_rotated(workspace: Workspace, olivia: User, pay: Pay) -> None:
    pay()
    key = pending.provide_key(workspace.pk)
    assert key is not None
    with pytest.raises(Conflict, match="reveal"):
        services.rotate_key(key=key, actor=olivia, grace=timedelta(0))
    assert not ApiKey.objects.usable().exists()


def test_a_revoked_one_is_not_revealed(workspace: Workspace, olivia: User, pay: Pay) -> None:
    pay()
    key = pending.provide_key(workspace.pk)
    assert key is not None
    services.revoke_key(key=key, actor=olivia)
    with pytest.raises(Conflict):
        pending.reveal(workspace=workspace, actor=olivia)


@pytest.mark.django_db(transaction=True)
def test_of_many_presses_at_once_one_is_shown_the_key(workspace: Workspace, olivia: User, pay: Pay) -> None:
    pay()
    shown: list[str] = []
    made = _at_once(6, lambda: pending.provide_key(workspace.pk))
    refused = _at_once(6, lambda: shown.append(pending.reveal(workspace=workspace, actor=olivia)[1]))
    assert (made, len(shown), len(refused)) == ([], 1, 5)
    assert all(isinstance(error, Conflict) for error in refused)
    assert keys_of(workspace) == [("First key", False, 1)]


def _at_once(count: int, deed: Callable[[], object]) -> list[Exception]:
    """Do a thing in several threads; what was raised."""
    raised: list[Exception] = []

    def run() -> None:
        try:
            deed()
        except Conflict as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised
