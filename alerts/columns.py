"""Many rows on their way into a query. Each column travels as one text.

To write and read arrays of many thousand elements would take longer than all the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from psycopg import sql

# No text of ours has a control character in it.
SEPARATOR, NULL = "\x1f", "\x1e"
ARRAY = sql.SQL("string_to_array({}, E'\\x1f', E'\\x1e')::{}[]")


def arrays(types: Mapping[str, str]) -> sql.Composed:
    """What `unnest` takes: the columns by their names and PostgreSQL's types."""
    return sql.SQL(", ").join(ARRAY.format(sql.Placeholder(name), sql.SQL(kind)) for name, kind in types.items())


def texts(types: Mapping[str, str], rows: Iterable[tuple[Any, ...]]) -> dict[str, str]:
    """Rows as the parameters that `arrays` names. PostgreSQL takes a single empty text for no element."""
    columns = zip(types, zip(*rows, strict=True), strict=True)
    return {
        name: SEPARATOR.join([NULL if value is None else str(value) for value in column]) for name, column in columns
    }
