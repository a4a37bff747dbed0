"""The one way in for market data: rows of one feed and source, as often as they come.

Rows are copied into a temporary table and from there inserted where they are new, so the same rows twice change
nothing; a number that a row lacks is filled in by a later delivery that knows it. A row without a key of its own (a
liquidation) is known by the digest of all its columns and by its occurrence: two equal rows of one delivery are two
rows, the same delivery again is none. The feed's version moves only when its rows do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from psycopg import sql

from marketdata import partitions, state, sums
from marketdata.arrivals import Arrivals
from marketdata.catalogue import LIQUIDATIONS, Feed
from marketdata.models import FeedState
from marketdata.records import Record
from moondev.lib.clock import now

# An answer under way reads the version it began with; older ones than these are nobody's any more.
VERSIONS_KEPT = 5
MANY_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Intake:
    """What a delivery did: rows it brought, rows that were new, the feed's version after it, and rows that were there
    and lacked a number which it knew."""

    read: int
    added: int
    version: int
    filled: int = 0

    @property
    def known(self) -> int:
        """Rows that were there already."""
        return self.read - self.added - self.filled


def take_in(*, feed: Feed, source: str, rows: Iterable[Record], read_at: datetime | None = None) -> Intake:
    """Store rows of a feed that are new. Holds no more than a few rows in memory; safe to repeat and to run twice.

    A list (`feed.is_list`) is replaced whole; an empty one changes nothing, because a source that fails looks the same.
    """
    moment = read_at or now()
    FeedState.objects.get_or_create(source=source, feed=feed.name)
    with Arrivals(feed) as arrivals:
        read = arrivals.copy(rows)
        if not feed.is_list:
            partitions.prepare_months(feed, arrivals.months())
        with transaction.atomic():
            known = FeedState.objects.select_for_update().get(source=source, feed=feed.name)
            added, filled = _store(feed, known, arrivals, moment, read) if read else (0, 0)
            known.read_at = moment
            known.save()
            transaction.on_commit(state.forget)
    state.forget()
    if added >= MANY_ROWS and added > known.rows / 10:
        _analyze(feed)
    return Intake(read, added, known.version, filled)


def _analyze(feed: Feed) -> None:
    """Tell the planner about the new rows now; by itself PostgreSQL would notice them within minutes."""
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(feed.table)))


def touch(*, source: str, feed: str, read_at: datetime) -> None:
    """Note that a feed was read without a failure and had nothing new."""
    FeedState.objects.filter(source=source, feed=feed).update(read_at=read_at)


def note_history(*, source: str, feed: str) -> None:
    """Note that everything the source has from before a feed's first read is in."""
    FeedState.objects.filter(source=source, feed=feed).update(has_history=True)


def _store(feed: Feed, known: FeedState, arrivals: Arrivals, moment: datetime, read: int) -> tuple[int, int]:
    """Write what is new; returns how many rows that were, and how many older ones it filled in."""
    added = _replace(feed, known, arrivals, moment) if feed.is_list else _append(known, arrivals)
    # A tick of the live market brings new rows only, and is spared the look at older ones.
    filled = 0 if feed.is_list or added == read else arrivals.fill(known.source)
    if added or filled:
        known.version += 1
        known.changed_at = moment
    return added, filled


def _append(known: FeedState, arrivals: Arrivals) -> int:
    """Insert what is new into the series; returns how many rows that were."""
    added, last_id, oldest, newest = arrivals.append(known.source)
    if added:
        if known.feed == LIQUIDATIONS.name:
            sums.add_liquidations(source=known.source, after=known.last_id, oldest=oldest, newest=newest)
        known.rows += added
        known.last_id = last_id
        known.oldest = min(known.oldest or oldest, oldest)
        known.newest = max(known.newest or newest, newest)
    return added


def _replace(feed: Feed, known: FeedState, arrivals: Arrivals, moment: datetime) -> int:
    """Write the list as a new version unless it is what the last one was; returns how many rows it has."""
    digest = arrivals.digest()
    if digest == known.digest:
        return 0
    added, known.last_id = arrivals.replace(known.source, known.version + 1)
    known.rows, known.digest, known.newest = added, digest, moment
    outdated = {"source": known.source, "version__lte": known.version + 1 - VERSIONS_KEPT}
    feed.model._default_manager.filter(**outdated).delete()
    return added
