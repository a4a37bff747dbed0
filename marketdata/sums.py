"""Sums that ingest keeps beside the rows, in the same transaction: a month has four million liquidations and more."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

# What every interval of a plan that is sold is a multiple of.
SECONDS = 15
ADD = f"""
    INSERT INTO marketdata_liquidationsum AS held (source, time, longs, shorts)
    SELECT source, to_timestamp({SECONDS} * ceil(date_part('epoch', time) / {SECONDS})) AS until,
        coalesce(sum(usd_size) FILTER (WHERE side = 'SELL'), 0),
        coalesce(sum(usd_size) FILTER (WHERE side <> 'SELL'), 0)
    FROM marketdata_liquidation
    WHERE source = %(source)s AND id > %(after)s AND time BETWEEN %(oldest)s AND %(newest)s
    GROUP BY source, until
    ON CONFLICT (source, time) DO UPDATE SET longs = held.longs + excluded.longs, shorts = held.shorts + excluded.shorts
"""  # noqa: S608


def add_liquidations(*, source: str, after: int, oldest: datetime, newest: datetime) -> None:
    """Add what came after the row with an id; to be called once for each row, under the lock of the feed's state."""
    with connection.cursor() as cursor:
        cursor.execute(ADD, {"source": source, "after": after, "oldest": oldest, "newest": newest})
