"""The monthly partitions of the series, made before rows need them.

A row whose month has no partition goes into the table's default one; nothing is lost, it is only slower to find. A
month that already has rows in the default partition stays there: moving them would lock the series.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from django.db import connection, transaction
from psycopg import sql

from marketdata.catalogue import FEEDS, Feed

MONTHS_AHEAD = 2
# Beyond these a time is more likely wrong than old, and a partition for it would be one too many.
FIRST_YEAR, LAST_YEAR = 2009, 2100

Month = tuple[int, int]


def month_of(moment: datetime) -> Month:
    utc = moment.astimezone(UTC)
    return utc.year, utc.month


def following(month: Month) -> Month:
    year, number = month
    return (year + 1, 1) if number == 12 else (year, number + 1)


def prepare_ahead(present: datetime) -> int:
    """Make the partitions of this month and the next ones for every series; returns how many were new."""
    months = [month_of(present)]
    for _ in range(MONTHS_AHEAD):
        months.append(following(months[-1]))
    return sum(prepare_months(feed, months) for feed in FEEDS.values() if not feed.is_list)


def prepare_months(feed: Feed, months: Iterable[Month]) -> int:
    """Make the partitions of a series for some months; returns how many were new."""
    existing = _partitions_of(feed)
    missing = [month for month in sorted(set(months)) if _name(feed, month) not in existing]
    return sum(_prepare(feed, month) for month in missing if FIRST_YEAR <= month[0] <= LAST_YEAR)


def _name(feed: Feed, month: Month) -> str:
    return f"{feed.table}_{month[0]}_{month[1]:02}"


def _partitions_of(feed: Feed) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass", [feed.table])
        return {name for (name,) in cursor.fetchall()}


def _prepare(feed: Feed, month: Month) -> int:
    """Make one partition unless somebody just did or the default partition has rows of that month."""
    start, end = datetime(*month, 1, tzinfo=UTC), datetime(*following(month), 1, tzinfo=UTC)
    with transaction.atomic(), connection.cursor() as cursor:
        # Two makers of the same month would otherwise meet in "already exists".
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [feed.table])
        cursor.execute(
            sql.SQL(
                "SELECT to_regclass(%s) IS NOT NULL OR EXISTS (SELECT FROM {} WHERE time >= %s AND time < %s)"
            ).format(sql.Identifier(f"{feed.table}_default")),
            [_name(feed, month), start, end],
        )
        row = cursor.fetchone()
        if row is None or row[0]:
            return 0
        cursor.execute(
            sql.SQL("CREATE TABLE {} PARTITION OF {} FOR VALUES FROM ({}) TO ({})").format(
                sql.Identifier(_name(feed, month)), sql.Identifier(feed.table), sql.Literal(start), sql.Literal(end)
            )
        )
    return 1
