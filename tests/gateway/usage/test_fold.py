"""Batches become hourly rows once, whatever is repeated, killed or done twice at a time."""

from __future__ import annotations

import threading
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import psycopg
import pytest
from django.db import OperationalError, connection, connections, transaction
from freezegun import freeze_time

from accounts.models import Workspace
from gateway.keys.services import create_key
from gateway.models import Usage, UsageBatch
from gateway.usage import fold as folding
from gateway.usage.fold import fold, prune
from gateway.usage.meter import Counter, Meter
from gateway.usage.partitions import make_partitions
from gateway.usage.writer import DOUBTFUL_FOR, Batch, Writer, store
from moondev.lib.clock import now

HOUR = int(datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp())
pytestmark = pytest.mark.django_db(transaction=True)


def counts(requests: int = 1, key_id: int = 5, endpoint: str = "/usage") -> dict[Counter, int]:
    return {(3, key_id, endpoint, 2, HOUR): requests}


def folded() -> int:
    return sum(Usage.objects.values_list("requests", flat=True))


class Away:
    """PostgreSQL as a writer meets it: the next `failures` calls fail, before or after the row was stored."""

    def __init__(self, failures: int, *, after: bool) -> None:
        self.failures = failures
        self.after = after
        self.calls = 0

    def __call__(self, batch: Batch) -> None:
        self.calls += 1
        if self.after:
            store(batch)
        if self.failures:
            self.failures -= 1
            raise OperationalError("the connection was lost")
        if not self.after:
            store(batch)


def test_it_folds_batches_into_hourly_rows() -> None:
    store(Batch(counts(2)))
    store(Batch(counts(3)))
    store(Batch(counts(1, key_id=0, endpoint="/files/{name}")))
    assert fold() == 3
    rows = Usage.objects.order_by("endpoint").values_list(
        "hour", "workspace_id", "key_id", "endpoint", "status_class", "requests"
    )
    hour = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert list(rows) == [(hour, 3, 0, "/files/{name}", 2, 1), (hour, 3, 5, "/usage", 2, 5)]


def test_it_folds_a_batch_once_however_often_it_runs() -> None:
    store(Batch(counts(4)))
    assert [fold(), fold(), fold()] == [1, 0, 0]
    assert folded() == 4


def test_it_adds_to_rows_that_are_there() -> None:
    for _ in range(3):
        store(Batch(counts(4)))
        fold()
    assert folded() == 12


@pytest.mark.parametrize("killed_in", ["_add", "_touch_keys"])
def test_it_counts_once_when_killed_between_its_steps(killed_in: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store(Batch(counts(4)))
    done = getattr(folding, killed_in)

    def die(*args: object) -> None:
        done(*args)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(folding, killed_in, die)
        with pytest.raises(KeyboardInterrupt):
            fold()
    assert folded() == 0
    fold()
    assert folded() == 4


def test_it_shares_batches_with_another_folder() -> None:
    for _ in range(40):
        store(Batch(counts(1)))
    barrier, total = threading.Barrier(4), []

    def run() -> None:
        barrier.wait()
        total.append(fold())
        connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    fold()
    assert folded() == 40


def test_it_leaves_a_batch_alone_that_another_folder_holds() -> None:
    store(Batch(counts(1)))
    found: list[int] = []

    def other() -> None:
        found.append(fold())
        connections.close_all()

    with transaction.atomic():
        list(UsageBatch.objects.select_for_update())
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert found == [0]
    assert fold() == 1


@pytest.mark.parametrize("after", [True, False], ids=["stored but not confirmed", "never arrived"])
def test_it_counts_once_when_the_confirmation_is_lost(after: bool) -> None:
    meter, away = Meter(), Away(2, after=after)
    writer = Writer(meter, away)
    meter.count(3, 5, "/usage", 200)
    assert [writer.flush(), writer.flush(), writer.flush()] == [False, False, True]
    fold()
    assert (away.calls, UsageBatch.objects.count(), folded()) == (3, 1, 1)


def test_it_counts_once_when_the_batch_was_folded_before_it_is_sent_again() -> None:
    meter, away = Meter(), Away(1, after=True)
    writer = Writer(meter, away)
    meter.count(3, 5, "/usage", 200)
    writer.flush()
    fold()
    assert writer.flush()
    fold()
    assert folded() == 1


def test_it_keeps_counting_while_postgresql_is_away() -> None:
    meter, away = Meter(), Away(3, after=False)
    writer = Writer(meter, away)
    for _ in range(5):
        meter.count(3, 5, "/usage", 200)
        writer.flush()
    assert writer.flush()
    fold()
    assert folded() == 5


def test_it_loses_and_doubles_nothing_when_postgresql_ends_its_connections() -> None:
    meter = Meter()
    writer = Writer(meter)
    for _ in range(3):
        meter.count(3, 5, "/usage", 200)
        assert any(writer.flush() for _ in range(10))
        end_all_connections()
    # The writer has healed by itself; this test's own connections need not.
    connection.close()
    cast(Any, connection).close_pool()
    fold()
    assert folded() == 3


def end_all_connections() -> None:
    """What a restart of PostgreSQL does to those who are connected."""
    parameters = {**connection.get_connection_params(), "autocommit": True}
    parameters.pop("pool", None)
    with psycopg.connect(**parameters) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_it_gives_up_a_doubtful_batch_before_its_id_is_forgotten() -> None:
    assert DOUBTFUL_FOR < folding.KEEP_FOLDED
    meter, away = Meter(), Away(1, after=True)
    writer = Writer(meter, away)
    with freeze_time("2026-03-01 12:00:00") as clock:
        meter.count(3, 5, "/usage", 200)
        writer.flush()
        clock.tick(DOUBTFUL_FOR + timedelta(seconds=1))
        writer.flush()
    assert away.calls == 1


def test_it_prunes_folded_batches_after_their_hour() -> None:
    old, young, waiting = (uuid.uuid4() for _ in range(3))
    for batch_id, age in ((old, 61), (young, 59)):
        UsageBatch.objects.create(id=batch_id, counts=[], folded_at=now() - timedelta(minutes=age))
    UsageBatch.objects.create(id=waiting, counts=[], created_at=now() - timedelta(days=2))
    assert prune() == 1
    assert set(UsageBatch.objects.values_list("pk", flat=True)) == {young, waiting}


def test_it_remembers_to_the_minute_when_a_key_was_last_used(workspace: Workspace) -> None:
    key, _ = create_key(workspace=workspace, actor=None, name="used")
    moment = datetime(2026, 3, 1, 12, 34, 56, tzinfo=UTC)
    store(Batch(counts(1, key_id=key.pk), created_at=moment))
    store(Batch(counts(1, key_id=key.pk), created_at=moment - timedelta(minutes=9)))
    fold()
    key.refresh_from_db()
    assert key.last_used_at == datetime(2026, 3, 1, 12, 34, tzinfo=UTC)
    store(Batch(counts(1, key_id=key.pk), created_at=moment - timedelta(days=1)))
    fold()
    key.refresh_from_db()
    assert key.last_used_at == datetime(2026, 3, 1, 12, 34, tzinfo=UTC)


def test_it_stores_usage_by_month() -> None:
    for month in (1, 2):
        hour = int(datetime(2031, month, 1, tzinfo=UTC).timestamp())
        store(Batch({(3, 5, "/usage", 2, hour): 1}))
    fold()
    assert "gateway_usage_2031_01" in make_partitions(datetime(2031, 1, 15, tzinfo=UTC))
    assert make_partitions(datetime(2031, 1, 15, tzinfo=UTC)) == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text, requests FROM gateway_usage ORDER BY hour")
        assert cursor.fetchall() == [("gateway_usage_2031_01", 1), ("gateway_usage_2031_02", 1)]
        for month in range(1, 5):
            cursor.execute(f"DROP TABLE gateway_usage_2031_{month:02}")


def test_it_has_partitions_ahead_of_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_inherits WHERE inhparent = 'gateway_usage'::regclass")
        assert cursor.fetchone()[0] >= 4 + 1
