"""Folds batches into hourly rows. One transaction reads, adds and marks, so a batch counts once whatever is killed."""

from __future__ import annotations

from collections import Counter as Sum
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection, transaction

from gateway.models import UsageBatch
from gateway.usage.meter import Counter
from moondev.lib.clock import now

BATCHES_AT_ONCE = 500
# A batch whose confirmation was lost is sent again under its id; folded rows stay long enough to refuse it.
KEEP_FOLDED = timedelta(hours=1)
PRUNED_AT_ONCE = 2_000

# Sorted rows in every transaction: two folders at work never wait for one another in a circle.
ADD = """
    INSERT INTO gateway_usage (workspace_id, key_id, endpoint, status_class, hour, requests)
    SELECT w, k, e, s, to_timestamp(h), n
    FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::smallint[], %s::bigint[], %s::bigint[])
         AS counted (w, k, e, s, h, n)
    ORDER BY w, h, k, e, s
    ON CONFLICT (workspace_id, hour, key_id, endpoint, status_class)
    DO UPDATE SET requests = gateway_usage.requests + EXCLUDED.requests
"""
TOUCH = """
    WITH used AS (
        SELECT * FROM unnest(%s::bigint[], %s::timestamptz[]) AS u (id, minute)
    ), due AS (
        SELECT k.id, used.minute FROM gateway_apikey k JOIN used USING (id)
        WHERE k.last_used_at IS NULL OR k.last_used_at < used.minute
        ORDER BY k.id FOR UPDATE OF k
    )
    UPDATE gateway_apikey k SET last_used_at = due.minute FROM due WHERE k.id = due.id
"""
PRUNE = """
    DELETE FROM gateway_usagebatch WHERE id IN (
        SELECT id FROM gateway_usagebatch WHERE folded_at < %s ORDER BY folded_at LIMIT %s FOR UPDATE SKIP LOCKED
    )
"""


def fold() -> int:
    """Fold what waits, some batches a transaction. Returns how many were folded. Any number may run at a time."""
    total = 0
    while folded := fold_some():
        total += folded
        if folded < BATCHES_AT_ONCE:
            break
    return total


def fold_some() -> int:
    """Fold up to BATCHES_AT_ONCE waiting batches that nobody else is folding, in one transaction."""
    with transaction.atomic():
        batches = list(
            UsageBatch.objects.filter(folded_at=None)
            .order_by("created_at", "id")
            .select_for_update(skip_locked=True)[:BATCHES_AT_ONCE]
        )
        if not batches:
            return 0
        _add(_summed(batches))
        _touch_keys(_last_uses(batches))
        UsageBatch.objects.filter(pk__in=[batch.pk for batch in batches]).update(folded_at=now())
    return len(batches)


def prune() -> int:
    """Delete folded batches past their hour, in small steps. Returns how many."""
    total = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(PRUNE, [now() - KEEP_FOLDED, PRUNED_AT_ONCE])
            pruned = int(cursor.rowcount)
            total += pruned
            if pruned < PRUNED_AT_ONCE:
                return total


def _summed(batches: Iterable[UsageBatch]) -> dict[Counter, int]:
    sums: Sum[Counter] = Sum()
    for batch in batches:
        for workspace_id, key_id, endpoint, status_class, hour, requests in batch.counts:
            sums[workspace_id, key_id, endpoint, status_class, hour] += requests
    return sums


def _last_uses(batches: Iterable[UsageBatch]) -> dict[int, datetime]:
    """By key the minute of the latest batch that counts it; a batch is cut within a second of its requests."""
    uses: dict[int, datetime] = {}
    for batch in batches:
        minute = batch.created_at.replace(second=0, microsecond=0)
        for key_id in {row[1] for row in batch.counts if row[1]}:
            uses[key_id] = max(minute, uses.get(key_id, minute))
    return uses


def _add(sums: dict[Counter, int]) -> None:
    columns = [list(column) for column in zip(*sums, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(ADD, [*columns, list(sums.values())])


def _touch_keys(uses: dict[int, datetime]) -> None:
    if uses:
        with connection.cursor() as cursor:
            cursor.execute(TOUCH, [list(uses), list(uses.values())])
