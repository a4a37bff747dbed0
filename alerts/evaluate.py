"""One round of evaluation: who is due, the values, the changes, and what is owed for them.

A round is one transaction under one lock. A worker that is killed leaves nothing of it, and the next round takes in
whoever was due; a second beat finds the lock taken or the round done. Nothing is made up for: a round looks at its own
moment only.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from django.db import connection, transaction

from alerts.aggregates import whales
from alerts.aggregates.reading import read_all
from alerts.changes import Change, store
from alerts.due import changing, due_at, groups_of
from alerts.looks import look
from alerts.models import Tick
from moondev.lib.clock import now

# Seconds between two rounds; the shortest interval that a plan may have.
TICK_SECONDS = 5
BATCH = 5000
KEPT = timedelta(days=1)
# The clocks of two machines differ by less.
AHEAD = timedelta(minutes=1)
# Any number that no other part of the product takes.
LOCK = 0x616C657274
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Report:
    """What a round did. `ran` is False when another one was at it or had been."""

    at: datetime
    ran: bool = False
    alerts: int = 0
    aggregates: int = 0
    events: int = 0


def tick(at: datetime) -> Report:
    """Evaluate every alert that is due at the 5 seconds' mark at or before a moment."""
    mark = floor(at)
    with transaction.atomic():
        if not _lock():
            return Report(mark)
        _forget_the_future(mark)
        last = Tick.objects.exclude(finished_at=None).order_by("-at").first()
        if last is not None and last.at >= mark:
            return Report(mark)
        _tell_of_missed(mark, last)
        return _run(Tick(at=mark, started_at=now()), last)


def floor(at: datetime) -> datetime:
    """The 5 seconds' mark at or before a moment."""
    return datetime.fromtimestamp(int(at.timestamp()) // TICK_SECONDS * TICK_SECONDS, UTC)


@contextmanager
def uncollected() -> Iterator[None]:
    """No search for cycles meanwhile: many thousand rows make none, and to search them would take as long again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@uncollected()
def _run(row: Tick, last: Tick | None) -> Report:
    whales.note()
    due = due_at(row.at, last.at if last else None)
    groups = groups_of(due)
    aggregates = read_all({key for group in groups if (key := group.key)}, row.at)
    row.alerts, row.aggregates = sum(group.alerts for group in groups), len(aggregates)
    batch: list[Change] = []
    for alert, group in changing(due, groups, aggregates, row.at):
        if change := look(alert, aggregates.get(group.key) if group.key else None, row.at):
            batch.append(change)
        if len(batch) >= BATCH:
            row.events += store(batch, row.at)
            batch = []
    row.events += store(batch, row.at)
    return _finish(row)


def _finish(row: Tick) -> Report:
    row.finished_at = now()
    row.save()
    Tick.objects.filter(at__lt=row.at - KEPT).delete()
    return Report(row.at, True, row.alerts, row.aggregates, row.events)


def _lock() -> bool:
    """Whether this is the only round; held until the transaction ends, also by a process that is killed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])


def _forget_the_future(mark: datetime) -> None:
    """Rounds of a clock that ran ahead and was set back: with them there would be none until it is that late again."""
    forgotten, _ = Tick.objects.filter(at__gt=mark + AHEAD).delete()
    if forgotten:
        log.warning("rounds of the future were forgotten: a clock was set back", rounds=forgotten)


def _tell_of_missed(mark: datetime, last: Tick | None) -> None:
    if last is not None and mark - last.at > timedelta(seconds=2 * TICK_SECONDS):
        log.warning("rounds of evaluation were missed", seconds=int((mark - last.at).total_seconds()))
