"""How a test that commits leaves the database as it found it: in place of Django's `flush`.

Flush empties some two hundred tables, most of them empty, and then makes content types, permissions and plans anew
with queries of its own: half a second a test. Here the database itself empties what holds rows, and puts back the
rows of the start where they differ.
"""

from __future__ import annotations

from typing import Any

import psycopg
from django.db import connection
from django.test import TransactionTestCase

# The lock is TRUNCATE's: whoever still writes ends before the tables are looked at, as with flush. `replica` keeps
# foreign keys quiet while rows go in any order. A DELETE is the cheaper one of the two, but leaves dead rows that the
# next one has to read, so large tables are truncated.
FUNCTION = """
CREATE SCHEMA start;
CREATE FUNCTION start.restore() RETURNS void LANGUAGE plpgsql SET session_replication_role = replica AS $body$
DECLARE
    found text;
    held boolean;
    large text[] := '{}';
BEGIN
    EXECUTE (SELECT 'LOCK TABLE ' || string_agg(oid::regclass::text, ', ' ORDER BY oid) FROM pg_class
             WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition);
    FOR found IN SELECT oid::regclass::text FROM pg_class
                 WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > LARGE_BYTES
                 AND relname NOT IN (SELECT tablename FROM pg_tables WHERE schemaname = 'start') LOOP
        large := large || found;
    END LOOP;
    IF large <> '{}' THEN
        EXECUTE 'TRUNCATE ' || array_to_string(large, ', ') || ' CASCADE';
    END IF;
    FOR found IN SELECT oid::regclass::text FROM pg_class
                 WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 0
                 AND relname NOT IN (SELECT tablename FROM pg_tables WHERE schemaname = 'start') LOOP
        EXECUTE 'DELETE FROM ' || found;
    END LOOP;
    FOR found IN SELECT tablename FROM pg_tables WHERE schemaname = 'start' LOOP
        EXECUTE format('SELECT EXISTS ((TABLE public.%1$I EXCEPT ALL TABLE start.%1$I)
                        UNION ALL (TABLE start.%1$I EXCEPT ALL TABLE public.%1$I))', found) INTO held;
        IF held THEN
            EXECUTE format('DELETE FROM public.%I', found);
            EXECUTE format('INSERT INTO public.%1$I SELECT * FROM start.%1$I', found);
        END IF;
    END LOOP;
END
$body$
""".replace("LARGE_BYTES", str(256 * 1024))
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"


def remember(database: psycopg.Connection) -> None:
    """Keep the rows that a migrated database has from the start."""
    database.execute(FUNCTION)
    for (table,) in database.execute(TABLES).fetchall():
        if database.execute(f'SELECT 1 FROM public."{table}" LIMIT 1').fetchone():  # noqa: S608
            database.execute(f'CREATE TABLE start."{table}" AS TABLE public."{table}"')


def restore(_: TransactionTestCase | None = None) -> None:
    """Bring this worker's database back to its start."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT start.restore()")


def in_place_of_flush() -> None:
    """Tests that commit end with this instead of Django's flush."""
    replaced: Any = TransactionTestCase
    replaced._fixture_teardown = restore
