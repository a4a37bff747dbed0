"""Looking keys up: what a record says, and that a warm look-up asks nobody."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User, Workspace
from accounts.services.workspaces import close_workspace, reopen_workspace
from billing.models import Plan
from billing.services import end_grant, grant
from gateway.keys import changes, records, secrets, services
from gateway.keys.changes import Listener
from gateway.keys.records import RecordCache
from gateway.models import ApiKey, KeySecret
from tests.gateway.keys.conftest import MakeKey
from tests.gateway.keys.waiting import wait_until

Queries = Callable[[int], CaptureQueriesContext]


def test_it_finds_a_key_with_all_that_a_request_needs(make_key: MakeKey, workspace: Workspace) -> None:
    key, secret = make_key(scopes=["data", "license"], mode="test", allowed_addresses=["203.0.113.0/24"])
    record = records.find(secret)
    assert record is not None
    assert (record.key_id, record.workspace_id, record.workspace_slug) == (key.pk, workspace.pk, "olivia-co")
    assert (record.scopes, record.mode) == (frozenset({"data", "license"}), "test")
    assert (record.terms.plan, record.limit_per_minute, record.own_budget) == ("free", 60, False)
    assert record.enabled
    assert not record.revoked
    assert record.workspace_open
    assert record.stale_at is None


def test_it_gives_a_principal_without_a_person(make_key: MakeKey, workspace: Workspace) -> None:
    key, secret = make_key()
    record = records.find(secret)
    assert record is not None
    principal = record.principal(secret)
    assert (principal.key_id, principal.workspace_id, principal.user_id, principal.role) == (
        key.pk,
        workspace.pk,
        None,
        None,
    )
    assert principal.key_alias == hashlib.sha256(secret.encode()).hexdigest()[:16]
    assert principal.may("data")
    assert not principal.may("billing")


def test_it_stores_neither_key_nor_alias(make_key: MakeKey) -> None:
    _, secret = make_key()
    row = KeySecret.objects.get()
    stored = " ".join(str(value) for value in vars(row).values())
    assert secret not in stored
    assert hashlib.sha256(secret.encode()).hexdigest()[:16] not in stored
    assert str(row) == f"{secret[:12]}…{secret[-4:]}"


@pytest.mark.parametrize("text", ["md_live_", "md_test_" + "a" * 38, "md_live_" + "é" * 38, "schlüssel", "md_live_x\n"])
def test_it_refuses_a_malformed_key_without_asking_anybody(text: str) -> None:
    # No database is allowed in this test: a query would fail it.
    assert records.find(text) is None


def test_it_refuses_a_mistyped_key_without_asking_anybody(settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    secret = secrets.new_secret("live")
    assert records.find(secret[:-1] + ("a" if secret[-1] != "a" else "b")) is None


def test_it_asks_nobody_when_warm(make_key: MakeKey, listening: Listener, django_assert_num_queries: Queries) -> None:
    _, secret = make_key()
    first = records.find(secret)
    with django_assert_num_queries(0):
        assert all(records.find(secret) is first for _ in range(100))


def test_it_asks_once_for_a_key_that_does_not_exist(
    workspace: Workspace, listening: Listener, django_assert_num_queries: Queries
) -> None:
    secret = secrets.new_secret("live")
    with django_assert_num_queries(1):
        assert [records.find(secret) for _ in range(5)] == [None] * 5


@pytest.mark.django_db(transaction=True)
def test_it_knows_a_new_key_at_once_though_it_was_asked_for_before(workspace: Workspace, olivia: User) -> None:
    secret = secrets.new_secret("live")
    assert records.find(secret) is None
    key, _ = services.create_key(workspace=workspace, actor=olivia, name="bot")
    KeySecret.objects.filter(key=key).delete()
    row = secrets.row_of(secret)
    row.key = key
    row.save()
    changes.publish(workspace.pk)
    assert records.find(secret) is not None


def test_it_looks_under_every_pepper_in_one_query(
    make_key: MakeKey, settings: Settings, django_assert_num_queries: Queries
) -> None:
    _, secret = make_key()
    settings.KEY_PEPPERS = {**settings.KEY_PEPPERS, 2: "newer", 3: "newest"}
    with CaptureQueriesContext(connection) as queries:
        assert records.find(secret) is not None
    assert sum("gateway_keysecret" in query["sql"] for query in queries) == 1
    _, newer = make_key()
    assert KeySecret.objects.order_by("-id")[0].pepper_version == 3
    assert records.find(newer) is not None


def test_it_knows_no_key_whose_pepper_is_gone(make_key: MakeKey, settings: Settings) -> None:
    _, secret = make_key()
    settings.KEY_PEPPERS = {2: "another"}
    assert records.find(secret) is None


def test_it_finds_a_first_generation_key_by_its_digest(make_key: MakeKey) -> None:
    key, _ = make_key()
    old = "md_" + "0123456789abcdef" * 4
    key.secrets.all().delete()
    row = secrets.legacy_row_of(hashlib.sha256(old.encode()).hexdigest())
    row.key = key
    row.save()
    record = records.find(old)
    assert record is not None
    assert record.key_id == key.pk
    assert records.find("md_" + "f" * 64) is None


def test_it_never_finds_a_present_key_by_its_plain_digest(make_key: MakeKey) -> None:
    """What leaks from the database cannot be presented: a digest is no key."""
    make_key()
    row = KeySecret.objects.get()
    assert records.find(row.digest) is None
    assert records.find(f"md_{row.digest}") is None


# What changes is in force at once in the process that changed it -----------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_it_sees_every_change_of_a_key_at_once(make_key: MakeKey, olivia: User, rita: User) -> None:
    key, secret = make_key()

    def seen() -> records.KeyRecord:
        record = records.find(secret)
        assert record is not None
        return record

    assert seen().enabled
    services.set_enabled(key=key, actor=olivia, enabled=False)
    assert not seen().enabled
    services.set_enabled(key=key, actor=olivia, enabled=True)
    assert seen().enabled
    services.update_key(key=key, actor=olivia, scopes=["data"])
    assert seen().scopes == {"data"}
    services.override_rate(key=key, actor=rita, limit=30)
    assert (seen().limit_per_minute, seen().own_budget) == (30, True)
    services.revoke_key(key=key, actor=olivia)
    assert seen().revoked


@pytest.mark.django_db(transaction=True)
def test_it_sees_plans_and_workspaces_change_at_once(
    make_key: MakeKey, workspace: Workspace, olivia: User, rita: User
) -> None:
    _, secret = make_key()

    def seen() -> records.KeyRecord:
        record = records.find(secret)
        assert record is not None
        return record

    assert seen().terms.plan == "free"
    ends_at = timezone.now() + timedelta(days=1)
    row = grant(workspace=workspace, plan="pro", reason="trial", ends_at=ends_at, actor=rita)
    assert (seen().terms.plan, seen().limit_per_minute, seen().stale_at) == ("pro", 600, ends_at)
    plan = Plan.objects.get(name="pro")
    plan.requests_per_minute = 700
    plan.save()
    assert seen().limit_per_minute == 700
    end_grant(entitlement=row, actor=rita)
    assert seen().terms.plan == "free"
    close_workspace(workspace=workspace, actor=olivia)
    assert not seen().workspace_open
    reopen_workspace(workspace=workspace, actor=olivia)
    assert seen().workspace_open


# What changes by itself ----------------------------------------------------------------------------------------------


def test_it_names_the_next_moment_at_which_something_changes(
    make_key: MakeKey, workspace: Workspace, rita: User
) -> None:
    now = timezone.now()
    key, secret = make_key(expires_at=now + timedelta(days=9))
    services.override_rate(key=key, actor=rita, limit=5000, until=now + timedelta(days=6))
    grant(workspace=workspace, plan="pro", reason="trial", ends_at=now + timedelta(days=3), actor=rita)
    record = records.find(secret)
    assert record is not None
    assert (record.stale_at, record.expires_at) == (now + timedelta(days=3), now + timedelta(days=9))


def test_it_reads_again_when_that_moment_comes(make_key: MakeKey, rita: User) -> None:
    key, secret = make_key()
    until = timezone.now() + timedelta(seconds=0.4)
    services.override_rate(key=key, actor=rita, limit=5000, until=until)
    record = records.find(secret)
    assert record is not None
    assert record.limit_per_minute == 5000

    def is_over() -> bool:
        found = records.find(secret)
        return found is not None and found.limit_per_minute == 60

    wait_until(is_over, seconds=1)
    assert timezone.now() >= until


def test_it_caps_an_override_by_the_plan_unless_it_has_an_end(make_key: MakeKey, rita: User) -> None:
    key, secret = make_key()
    services.override_rate(key=key, actor=rita, limit=5000)
    record = records.find(secret)
    assert record is not None
    assert (record.limit_per_minute, record.own_budget) == (60, True)
    records.forget_all()
    services.override_rate(key=key, actor=rita, limit=5000, until=timezone.now() + timedelta(days=1))
    record = records.find(secret)
    assert record is not None
    assert record.limit_per_minute == 5000


# The cache itself ----------------------------------------------------------------------------------------------------


def test_it_keeps_at_most_so_many_keys(
    make_key: MakeKey, listening: Listener, django_assert_num_queries: Queries
) -> None:
    cache = RecordCache(listening, keys=3, unknown=2)
    made = [make_key()[1] for _ in range(4)]
    for secret in made:
        cache.find(secret)
    with django_assert_num_queries(0):
        cache.find(made[3])
        cache.find(made[1])
    with CaptureQueriesContext(connection) as queries:
        cache.find(made[0])
    assert len(queries) > 0


def test_it_keeps_keys_in_use_though_somebody_tries_thousands(
    make_key: MakeKey, listening: Listener, django_assert_num_queries: Queries
) -> None:
    cache = RecordCache(listening, keys=3, unknown=2)
    _, secret = make_key()
    cache.find(secret)
    for _ in range(10):
        cache.find(secrets.new_secret("live"))
    with django_assert_num_queries(0):
        assert cache.find(secret) is not None


@pytest.mark.django_db(transaction=True)
def test_it_reads_a_key_once_for_all_threads(make_key: MakeKey, listening: Listener) -> None:
    _, secret = make_key()
    cache = RecordCache(listening)
    found: list[object] = []
    start = threading.Barrier(8)

    def look() -> None:
        start.wait()
        found.append(cache.find(secret))
        connection.close()

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    # One reading made one object; every thread holds it.
    assert len({id(record) for record in found}) == 1
    assert found[0] is not None


def test_it_never_keeps_what_was_read_before_a_change(make_key: MakeKey, listening: Listener) -> None:
    """A change that arrives while a record is being read makes that record old, though it is stored after it."""
    key, secret = make_key()
    cache = RecordCache(listening)

    def change_meanwhile(execute: Callable[..., object], *args: object) -> object:
        result = execute(*args)
        if "gateway_keysecret" in str(args[0]):
            ApiKey.objects.filter(pk=key.pk).update(enabled=False)
            listening.news.note(key.workspace_id)
        return result

    with connection.execute_wrapper(change_meanwhile):
        cache.find(secret)
    record = cache.find(secret)
    assert record is not None
    assert not record.enabled
