"""Further databases on the tests' server, and what a schema looks like."""

from __future__ import annotations

import os
from typing import Any

import psycopg

COLUMNS = """
SELECT table_name, column_name, data_type, character_maximum_length, numeric_precision, numeric_scale, is_nullable,
       column_default, is_identity
FROM information_schema.columns WHERE table_schema = 'public' AND table_name LIKE %s
"""
INDEXES = "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename LIKE %s"
CONSTRAINTS = """
SELECT conrelid::regclass::text, contype::text, pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text LIKE %s
"""


def new_database(name: str) -> str:
    """An empty database of this worker on the tests' server; its URL."""
    base, _, own = os.environ["DATABASE_URL"].rpartition("/")
    with psycopg.connect(f"{base}/postgres", autocommit=True) as server:
        server.execute(f"CREATE DATABASE {own}_{name}")
    return f"{base}/{own}_{name}"


def fingerprint(url: str, tables: str) -> dict[str, list[Any]]:
    """Columns, indexes and constraints of the tables whose name is LIKE `tables`, in a comparable order.

    The names of indexes are left out where Django derives them from its own state: what they do is what counts.
    """
    with psycopg.connect(url) as server:
        return {
            "columns": sorted(server.execute(COLUMNS, [tables]).fetchall(), key=str),
            "indexes": sorted(_nameless(row) for row in server.execute(INDEXES, [tables]).fetchall()),
            "constraints": sorted(server.execute(CONSTRAINTS, [tables]).fetchall(), key=str),
        }


def _nameless(row: tuple[Any, ...]) -> tuple[str, str]:
    """`CREATE INDEX name ON table …` as `CREATE INDEX ON table …`."""
    table, definition = row
    kind, _, rest = str(definition).partition("INDEX ")
    return str(table), f"{kind}INDEX ON {rest.partition(' ON ')[2]}"
