"""Liquidations in USD over windows, of one symbol or all, of one side or both."""

from __future__ import annotations

from collections.abc import Iterable
from math import gcd

import numpy as np
from psycopg import sql

from alerts.aggregates.grid import Grid, Steady
from alerts.aggregates.sight import Sight
from alerts.aggregates.windows import Floats, Spans, ask, ask_pairs, numbered, table
from alerts.rules.shapes import Aggregate, AggregateKey
from marketdata.catalogue import LIQUIDATIONS
from marketdata.sums import SECONDS

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
# Of all symbols there are sums of quarters of a minute. No window begins within one, and what begins a plan's history
# lies before the first window.
SUMS = sql.SQL("""
    SELECT ceil(date_part('epoch', time) / %(step)s), {usd} FROM marketdata_liquidationsum
    WHERE source = %(source)s AND time > %(first)s AND time <= %(last)s""")
SUMMED = {"long": sql.SQL("longs"), "short": sql.SQL("shorts"), "both": sql.SQL("longs + shorts")}


def read(keys: Iterable[AggregateKey], sight: Sight) -> dict[AggregateKey, Aggregate]:
    """The sums of all keys at the moment. An empty window is 0 USD unless the feed never had a row."""
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
    return Aggregate(None if sight.is_empty else value, sight.is_stale, _largest(key, column, names) if value else {})


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
    numbers, usd = ask_pairs(_parts(key, step), grid.parameters() | {"step": step, "symbol": key.symbol})
    origin = (grid.start - window) // step
    width = (grid.end - grid.start + window) // step + 1
    places = numbers.astype(int) - origin
    inside = (places > 0) & (places < width)
    sums: Floats = np.cumsum(np.bincount(places[inside], weights=usd[inside], minlength=width))
    ends = (grid.seconds // step) - origin
    return Steady(sums[ends] - sums[ends - window // step])


def _parts(key: AggregateKey, step: int) -> sql.Composed:
    """What was liquidated in each part of so many seconds; several rows may tell of one part."""
    if not key.symbol and step % SECONDS == 0:
        return SUMS.format(usd=SUMMED[key.direction])
    symbol = sql.SQL("AND symbol = %(symbol)s" if key.symbol else "")
    return PARTS.format(table=TABLE, symbol=symbol, side=SIDES[key.direction])
