"""How far a reading has moved over a window, in percent: open interest and price. One holds at most 24 hours."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import numpy as np
from psycopg import sql

from alerts.aggregates.grid import Floats, Grid, Steady
from alerts.aggregates.sight import Sight
from alerts.aggregates.windows import ask
from alerts.rules.shapes import Aggregate, AggregateKey
from marketdata.catalogue import FEEDS

Change = TypeVar("Change", float, Floats)
HOLDS_SEC = 24 * 3600
# The reading in force `age` minutes ago, for each symbol and age that is asked for; an index look-up each.
READ = sql.SQL("""
    SELECT wanted.symbol, wanted.age, held.value
    FROM unnest(%(symbols)s::text[], %(ages)s::int[]) AS wanted (symbol, age) CROSS JOIN LATERAL (
        SELECT {measure}::float8 AS value FROM {table}
        WHERE source = %(source)s {symbol} AND {measure} IS NOT NULL
            AND time <= %(at)s - wanted.age * interval '1 minute'
            AND time > %(at)s - wanted.age * interval '1 minute' - interval '24 hours'
        ORDER BY time DESC LIMIT 1
    ) AS held""")
SERIES = sql.SQL("""
    SELECT date_part('epoch', time), {measure}::float8 FROM {table}
    WHERE source = %(source)s {symbol} AND {measure} IS NOT NULL AND time > %(first)s AND time <= %(last)s
    ORDER BY time""")


def read(keys: Iterable[AggregateKey], sight: Sight) -> dict[AggregateKey, Aggregate]:
    """The changes of all keys of one feed at the moment; None without a reading at both ends."""
    found: dict[AggregateKey, Aggregate] = {}
    keys = list(keys)
    for measure in sorted({key.measure for key in keys}):
        found |= _read_measure(measure, [key for key in keys if key.measure == measure], sight)
    return found


def _read_measure(measure: str, keys: list[AggregateKey], sight: Sight) -> dict[AggregateKey, Aggregate]:
    wanted = {(key.symbol, age) for key in keys for age in (0, key.window_minutes)}
    symbols, ages = zip(*sorted(wanted), strict=True)
    parameters = {"symbols": list(symbols), "ages": list(ages), "source": sight.source, "at": sight.at}
    statement = READ.format(**_names(keys[0], sql.SQL("AND symbol = wanted.symbol")))
    readings = {(symbol, age): value for symbol, age, value in ask(statement, parameters)}
    return {
        key: _aggregate(key, readings.get((key.symbol, key.window_minutes)), readings.get((key.symbol, 0)), sight)
        for key in keys
    }


def _names(key: AggregateKey, symbol: sql.SQL) -> dict[str, sql.Composable]:
    """The parts of a statement; the whole market's feed has no symbols."""
    feed = FEEDS[key.feed]
    return {
        "measure": sql.Identifier(key.measure),
        "table": sql.Identifier(feed.table),
        "symbol": symbol if feed.symbol else sql.SQL(""),
    }


def _aggregate(key: AggregateKey, before: float | None, now: float | None, sight: Sight) -> Aggregate:
    if not before or now is None:
        return Aggregate(None, sight.is_stale)
    change = 100 * (now / before - 1)
    facts = {"change": change, "before": before, "now": now}
    return Aggregate(turned(change, key.direction), sight.is_stale, facts)


def turned(change: Change, direction: str) -> Change:
    """A change with the sign that its direction compares."""
    if direction == "both":
        return abs(change)
    return change if direction == "long" else -change


def course(key: AggregateKey, grid: Grid) -> Steady:
    """The change at every moment of the grid."""
    symbol = sql.SQL("AND symbol = %(symbol)s")
    rows = ask(SERIES.format(**_names(key, symbol)), grid.parameters() | {"symbol": key.symbol})
    times, values = np.array(rows, dtype=float).reshape(-1, 2).T
    now = _in_force(times, values, grid.seconds.astype(float))
    before = _in_force(times, values, grid.seconds.astype(float) - 60 * key.window_minutes)
    before[before == 0] = np.nan
    return Steady(turned(100 * (now / before - 1), key.direction))


def _in_force(times: Floats, values: Floats, at: Floats) -> Floats:
    """The reading that holds at each moment, NaN where there is none."""
    place = np.searchsorted(times, at, side="right") - 1
    padded_times, padded_values = np.append(times, -np.inf), np.append(values, np.nan)
    return np.where(at - padded_times[place] < HOLDS_SEC, padded_values[place], np.nan)
