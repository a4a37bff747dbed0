"""Liquidations in USD over windows, of one symbol or all, of one side or both."""

from __future__ import annotations

from collections.abc import Iterable
from math import gcd

import numpy as np
from psycopg import sql

from alerts.aggregates.grid import Grid, Steady
from alerts.aggregates.sight import Sight
from alerts.aggregates.windows import Floats, Spans, ask, numbered, table
from alerts.rules.shapes import Aggregate, AggregateKey
from marketdata.catalogue import LIQUIDATIONS

TABLE = sql.Identifier(LIQUIDATIONS.table)
# A row of this age lies in every window whose end is farther away.
READ = sql.SQL("""
    SELECT symbol, width_bucket(date_part('epoch', %(at)s - time), %(edges)s::float8[]) AS span,
        coalesce(sum(usd_size) FILTER (WHERE side = 'SELL'), 0)::float8,
        coalesce(sum(usd_size) FILTER (WHERE side <> 'SELL'), 0)::float8
    FROM {table}
    WHERE source = %(source)s AND time > %(at)s - %(longest)s AND time <= %(at)s {only}
    GROUP BY symbol, span""")
# The part with number n holds (n - 1) x step < time <= n x step.
PARTS = sql.SQL("""
    SELECT ceil(date_part('epoch', time) / %(step)s) AS part, sum(usd_size::float8)
    FROM {table}
    WHERE source = %(source)s AND time > %(first)s AND time <= %(last)s {symbol} {side}
    GROUP BY part""")
SIDES = {"long": sql.SQL("AND side = 'SELL'"), "short": sql.SQL("AND side <> 'SELL'"), "both": sql.SQL("")}


def read(keys: Iterable[AggregateKey], sight: Sight) -> dict[AggregateKey, Aggregate]:
    """The sums of all keys at the moment. An empty window is 0 USD unless nobody can know."""
    keys = list(keys)
    spans = Spans.of(keys)
    parameters = spans.parameters() | {"at": sight.at, "source": sight.source, "longest": spans.longest}
    rows = ask(READ.format(table=TABLE, only=spans.only()), parameters)
    names = numbered(rows)
    sides = [np.cumsum(table(rows, names, len(spans.minutes), column, 0.0), axis=1) for column in (2, 3)]
    by_direction = {"long": sides[0], "short": sides[1], "both": sides[0] + sides[1]}
    return {key: _aggregate(key, by_direction[key.direction], names, spans, sight) for key in keys}


def _aggregate(key: AggregateKey, sums: Floats, names: dict[str, int], spans: Spans, sight: Sight) -> Aggregate:
    column = sums[:, spans.place(key.window_minutes)]
    chosen = [names[key.symbol]] if key.symbol in names else [] if key.symbol else slice(None)
    value = float(column[chosen].sum())
    unseen = sight.is_empty or (value == 0 and sight.is_stale)
    return Aggregate(None if unseen else value, sight.is_stale, _largest(key, column, names) if value else {})


def _largest(key: AggregateKey, column: Floats, names: dict[str, int]) -> dict[str, object]:
    """Of a sum over all symbols the one with the largest part."""
    if key.symbol:
        return {}
    place = int(column.argmax())
    return {"largest_symbol": list(names)[place], "largest_usd": round(float(column[place]), 2)}


def course(key: AggregateKey, grid: Grid) -> Steady:
    """The sum at every moment of the grid, from parts that no window cuts."""
    window = key.window_minutes * 60
    step = gcd(window, grid.interval)
    statement = PARTS.format(
        table=TABLE,
        symbol=sql.SQL("AND symbol = %(symbol)s" if key.symbol else ""),
        side=SIDES[key.direction],
    )
    rows = np.array(ask(statement, grid.parameters() | {"step": step, "symbol": key.symbol}), dtype=float)
    origin = (grid.start - window) // step
    parts = np.zeros((grid.end - grid.start + window) // step + 1)
    numbers, usd = rows.reshape(-1, 2).T
    places = numbers.astype(int) - origin
    inside = (places > 0) & (places < len(parts))
    parts[places[inside]] = usd[inside]
    sums = np.cumsum(parts)
    ends = (grid.seconds // step) - origin
    return Steady(sums[ends] - sums[ends - window // step])
