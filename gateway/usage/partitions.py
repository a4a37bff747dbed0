"""Usage is stored by month, so that old months are read and dropped without touching the present one."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import connection, transaction

MONTHS_AHEAD = 3
TABLE = "gateway_usage"
# Rows of a month that has no partition yet, if the task that makes them ever stood still.
DEFAULT = f"{TABLE}_default"


def make_partitions(today: datetime) -> list[str]:
    """Make the partitions of this month and the next ones; returns the names of the new ones. Safe to repeat."""
    return [name for start in months_from(today, MONTHS_AHEAD + 1) if (name := _make(start, month_after(start)))]


def months_from(moment: datetime, count: int) -> list[datetime]:
    """The first moments of `count` months, beginning with the one that `moment` lies in."""
    starts = [datetime(moment.year, moment.month, 1, tzinfo=UTC)]
    while len(starts) < count:
        starts.append(month_after(starts[-1]))
    return starts


def month_after(start: datetime) -> datetime:
    """The first moment of the next month."""
    return datetime(start.year + start.month // 12, start.month % 12 + 1, 1, tzinfo=UTC)


def _make(start: datetime, end: datetime) -> str | None:
    name = f"{TABLE}_{start:%Y_%m}"
    with transaction.atomic(), connection.cursor() as cursor:
        # One maker at a time; readers and writers wait only while a partition is really made.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [TABLE])
        cursor.execute("SELECT to_regclass(%s)", [name])
        if cursor.fetchone() != (None,):
            return None
        cursor.execute(f"LOCK TABLE {TABLE} IN ACCESS EXCLUSIVE MODE")
        cursor.execute(f"CREATE TABLE {name} (LIKE {TABLE} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES)")
        cursor.execute(
            f"WITH moved AS (DELETE FROM {DEFAULT} WHERE hour >= %s AND hour < %s RETURNING *) "  # noqa: S608
            f"INSERT INTO {name} SELECT * FROM moved",
            [start, end],
        )
        cursor.execute(f"ALTER TABLE {TABLE} ATTACH PARTITION {name} FOR VALUES FROM ('{start}') TO ('{end}')")
    return name
