"""Stored rows on their way out: `COPY … TO STDOUT`, page by page, never a row as a Python object.

A page is one short query. Between pages no connection is held, so a client that reads slowly, or goes away, costs the
database nothing. What belongs to an answer is fixed by the feed's version and highest id when it begins: rows that come
in meanwhile are not part of it, and the same selection always gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db import connection
from psycopg import sql

from marketdata.catalogue import Column, Feed
from marketdata.state import State

PAGE_ROWS = 20_000

# `lines`: CSV without a header, safe for spreadsheets. `cells`: the same with free text as it is, for programs.
# `objects`: one JSON object a line.
Form = Literal["lines", "cells", "objects"]
# JSON has no control characters, so with these as quote and delimiter COPY passes each object through unchanged.
RAW = sql.SQL("FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02'")

Key = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class Selection:
    """The last `limit` rows of a feed in `state`: of some symbols, from `since` on and before `until`."""

    feed: Feed
    state: State
    limit: int
    symbols: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


def pages(selection: Selection, form: Form) -> Iterator[bytes]:
    """The selected rows ascending by time, those of one moment as they arrived; some thousand rows at a time."""
    few = selection.feed.is_list or min(selection.limit, selection.state.rows) <= PAGE_ROWS
    starts = [] if few else _page_starts(selection)
    left = selection.limit - len(starts) * PAGE_ROWS
    if left:
        yield _copy(selection, form, _last_rows(selection, left, below=starts[-1] if starts else None))
    while starts:
        start = starts.pop()
        yield _copy(selection, form, _span(selection, start, starts[-1] if starts else None))


def _page_starts(selection: Selection) -> list[Key]:
    """The first row of every whole page, newest page first; what is older fills the first page that goes out."""
    statement = sql.SQL("""
        SELECT time, id FROM (
            SELECT time, id, row_number() OVER (ORDER BY time DESC, id DESC) AS n
            FROM {table} WHERE {where} ORDER BY time DESC, id DESC LIMIT {limit}
        ) AS newest WHERE n % {page} = 0""").format(
        table=sql.Identifier(selection.feed.table),
        where=_where(selection),
        limit=sql.Literal(selection.limit),
        page=sql.Literal(PAGE_ROWS),
    )
    with _lent_connection() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def _last_rows(selection: Selection, limit: int, below: Key | None = None) -> sql.Composable:
    """The newest rows of a selection, in ascending order."""
    order = sql.SQL("id") if selection.feed.is_list else sql.SQL("time, id")
    backwards = sql.SQL("id DESC") if selection.feed.is_list else sql.SQL("time DESC, id DESC")
    where = sql.SQL(" AND ").join([_where(selection), *([_before(below)] if below else [])])
    return sql.SQL("(SELECT * FROM {} WHERE {} ORDER BY {} LIMIT {}) AS newest ORDER BY {}").format(
        sql.Identifier(selection.feed.table), where, backwards, sql.Literal(limit), order
    )


def _span(selection: Selection, start: Key, end: Key | None) -> sql.Composable:
    """The rows from one key up to, not with, another."""
    where = [_where(selection), _from(start), *([_before(end)] if end else [])]
    return sql.SQL("{} WHERE {} ORDER BY time, id").format(
        sql.Identifier(selection.feed.table), sql.SQL(" AND ").join(where)
    )


# The plain comparison beside the row's lets PostgreSQL leave whole partitions out.
def _before(key: Key) -> sql.Composable:
    return sql.SQL("time <= {0} AND (time, id) < ({0}, {1})").format(*map(sql.Literal, key))


def _from(key: Key) -> sql.Composable:
    return sql.SQL("time >= {0} AND (time, id) >= ({0}, {1})").format(*map(sql.Literal, key))


def _where(selection: Selection) -> sql.Composable:
    """The rows that a selection may see, of exactly one source and version."""
    state = selection.state
    parts = [sql.SQL("source = {}").format(sql.Literal(state.source))]
    if selection.feed.is_list:
        parts.append(sql.SQL("version = {}").format(sql.Literal(state.version)))
    else:
        parts.append(sql.SQL("id <= {}").format(sql.Literal(state.last_id)))
    if selection.symbols and selection.feed.symbol:
        forms = sql.SQL(", ").join(map(sql.Literal, selection.symbols))
        parts.append(sql.SQL("{} IN ({})").format(sql.Identifier(selection.feed.symbol), forms))
    if selection.feed.has_time:
        parts += _bounds(selection)
    return sql.SQL(" AND ").join(parts)


def _bounds(selection: Selection) -> list[sql.Composed]:
    bounds = []
    if selection.since is not None:
        bounds.append(sql.SQL("time >= {}").format(sql.Literal(selection.since)))
    if selection.until is not None:
        bounds.append(sql.SQL("time < {}").format(sql.Literal(selection.until)))
    return bounds


def _copy(selection: Selection, form: Form, rows: sql.Composable) -> bytes:
    """One page as bytes."""
    columns = sql.SQL(", ").join(_shown(column, form) for column in selection.feed.columns)
    query = sql.SQL("SELECT {} FROM {}").format(columns, rows)
    if form == "objects":
        query = sql.SQL("SELECT row_to_json(shown) FROM ({}) AS shown").format(query)
    options = RAW if form == "objects" else sql.SQL("FORMAT csv")
    with _lent_connection() as cursor, cursor.copy(sql.SQL("COPY ({}) TO STDOUT ({})").format(query, options)) as copy:
        return b"".join(copy)


def _shown(column: Column, form: Form) -> sql.Composable:
    """A column as the file shows it."""
    stored = sql.Identifier(column.stored)
    return sql.SQL("{} AS {}").format(_expression(column, form).format(stored), sql.Identifier(column.name))


def _expression(column: Column, form: Form) -> sql.SQL:
    if column.kind == "epoch_ms":
        return sql.SQL("(extract(epoch FROM {}) * 1000)::bigint")
    if column.kind == "epoch_s":
        return sql.SQL("extract(epoch FROM {})::bigint")
    if form != "objects" and column.kind == "flag":
        return sql.SQL("CASE WHEN {} THEN 'True' ELSE 'False' END")
    if form == "lines" and column.free:
        # A spreadsheet runs a cell that begins like this.
        return sql.SQL("regexp_replace({}, '^[-=+@\\t\\r]', '''\\&')")
    return sql.SQL("{}")


@contextmanager
def _lent_connection() -> Iterator[Any]:
    """A cursor of this thread's connection, which goes back to the pool when the page is read."""
    try:
        with connection.cursor() as cursor, connection.wrap_database_errors:
            yield cursor
    finally:
        if not connection.in_atomic_block:
            connection.close()
