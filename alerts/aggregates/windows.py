"""Many windows in one pass: rows are put into the spans between the ends of the windows, and added up outwards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray
from psycopg import sql

from alerts.rules.shapes import AggregateKey

Floats = NDArray[np.float64]
PAIRS = sql.SQL("""
    SELECT string_agg(float8send(first) || float8send(second), '') FROM ({}) AS pairs (first, second)""")


@dataclass(frozen=True, slots=True)
class Spans:
    """The windows of some keys, shortest first. `symbols` is empty when a key asks for all of them."""

    minutes: tuple[int, ...]
    symbols: tuple[str, ...]

    @classmethod
    def of(cls, keys: Iterable[AggregateKey]) -> Spans:
        keys = list(keys)
        named = {key.symbol for key in keys}
        symbols = () if "" in named else tuple(sorted(named))
        return cls(tuple(sorted({key.window_minutes for key in keys})), symbols)

    @property
    def longest(self) -> timedelta:
        return timedelta(minutes=self.minutes[-1])

    def parameters(self) -> dict[str, Any]:
        """For SQL: `edges` in seconds, `symbols`, and whether only these are wanted."""
        return {"edges": [60.0 * minutes for minutes in self.minutes], "symbols": list(self.symbols)}

    def only(self) -> sql.SQL:
        """The condition on the symbol, where there is one."""
        return sql.SQL("AND symbol = ANY(%(symbols)s)") if self.symbols else sql.SQL("")

    def place(self, minutes: int) -> int:
        return self.minutes.index(minutes)


def ask(statement: sql.Composable | str, parameters: dict[str, Any] | Sequence[Any]) -> list[tuple[Any, ...]]:
    """All rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def ask_pairs(statement: sql.Composable, parameters: dict[str, Any]) -> Floats:
    """The two columns of a query of numbers, a line each. As rows a hundred thousand would take most of the time."""
    ((found,),) = ask(PAIRS.format(statement), parameters)
    pairs: Floats = np.frombuffer(found or b"", dtype=">f8").astype(float).reshape(-1, 2).T
    return pairs


def table(rows: Sequence[tuple[Any, ...]], names: dict[str, int], width: int, column: int, empty: float) -> Floats:
    """`rows` begin with a symbol and its span; the result has a line a symbol and a column a span."""
    values = np.full((len(names), width), empty)
    for row in rows:
        if row[1] < width:
            values[names[row[0]], row[1]] = row[column]
    return values


def numbered(rows: Sequence[tuple[Any, ...]]) -> dict[str, int]:
    """The symbols of some rows, numbered."""
    return {name: number for number, name in enumerate(dict.fromkeys(row[0] for row in rows))}
