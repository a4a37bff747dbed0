"""The symbols that the served source knows, as each feed writes them."""

from __future__ import annotations

from difflib import get_close_matches

from django.db import connection
from psycopg import sql

from marketdata.catalogue import FEEDS
from marketdata.state import served_source
from marketdata.symbols import symbol_forms

MOST = 2000
# One look into the index a symbol, however many rows each has.
EACH = sql.SQL("""
    WITH RECURSIVE found (name) AS (
        (SELECT {symbol} FROM {table} WHERE source = %(source)s ORDER BY {symbol} LIMIT 1)
        UNION ALL
        SELECT (SELECT {symbol} FROM {table} WHERE source = %(source)s AND {symbol} > found.name
            ORDER BY {symbol} LIMIT 1)
        FROM found WHERE found.name IS NOT NULL
    ) SELECT name FROM found WHERE name IS NOT NULL LIMIT {most}""")


def has_symbols(feed: str) -> bool:
    """Whether a feed is about symbols at all."""
    return bool(FEEDS[feed].symbol)


def stored_form(feed: str, text: str) -> str | None:
    """How a feed writes a symbol that somebody typed, `btc` or `BTC-USDT`; None for one that it does not know."""
    rows = FEEDS[feed].model._default_manager.filter(source=served_source())
    return next((form for form in symbol_forms(text) if rows.filter(**{FEEDS[feed].symbol: form}).exists()), None)


def symbols_of(feed: str) -> list[str]:
    """Every symbol of a feed, sorted, at most MOST of them."""
    statement = EACH.format(
        symbol=sql.Identifier(FEEDS[feed].symbol), table=sql.Identifier(FEEDS[feed].table), most=sql.Literal(MOST)
    )
    with connection.cursor() as cursor:
        cursor.execute(statement.as_string(), {"source": served_source()})
        return [name for (name,) in cursor.fetchall()]


def like(feed: str, text: str) -> list[str]:
    """Symbols of a feed that somebody may have meant."""
    return get_close_matches(text.upper(), symbols_of(feed), n=3)
