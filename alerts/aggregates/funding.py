"""Funding rates in force during windows. A rate holds from its row until the symbol's next one, at most 24 hours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from psycopg import sql

from alerts.aggregates.grid import Grid, Steady
from alerts.aggregates.sight import Sight
from alerts.aggregates.windows import Floats, Spans, ask, numbered, table
from alerts.rules.shapes import Aggregate, AggregateKey
from marketdata.catalogue import FUNDING

DAY = timedelta(hours=24)
TABLE = sql.Identifier(FUNDING.table)
HELD = sql.SQL("""
    SELECT symbol, time, rate, least(next, time + interval '24 hours') AS ends FROM (
        SELECT symbol, time, funding_rate::float8 AS rate, lead(time) OVER (PARTITION BY symbol ORDER BY time) AS next
        FROM {table}
        WHERE source = %(source)s AND time > %(first)s AND time <= %(last)s {only}
    ) AS rates""")
# A rate was in force during (at - window, at] when it ended less than the window ago, or has not ended.
READ = sql.SQL("""
    SELECT symbol, width_bucket(date_part('epoch', %(last)s - ends), %(edges)s::float8[]) AS span,
        max(rate), min(rate)
    FROM ({held}) AS held GROUP BY symbol, span""")
# Rates of several symbols that hold over the same time are one as far as the largest of them goes.
TIMES = sql.SQL("""
    SELECT date_part('epoch', time), date_part('epoch', ends), max(rate), min(rate)
    FROM ({held}) AS held GROUP BY time, ends""")


def read(keys: Iterable[AggregateKey], sight: Sight) -> dict[AggregateKey, Aggregate]:
    """The largest rates of all keys at the moment; None where no rate is in force."""
    keys = list(keys)
    spans = Spans.of(keys)
    statement = READ.format(held=HELD.format(table=TABLE, only=spans.only()))
    times = {"first": sight.at - spans.longest - DAY, "last": sight.at, "source": sight.source}
    rows = ask(statement, spans.parameters() | times)
    names = numbered(rows)
    width = len(spans.minutes)
    high = np.maximum.accumulate(table(rows, names, width, 2, -np.inf), axis=1)
    low = np.minimum.accumulate(table(rows, names, width, 3, np.inf), axis=1)
    sizes = {direction: size_of(high, low, direction) for direction in {key.direction for key in keys}}
    held = _Held(list(names), names, high, low)
    return {key: held.aggregate(key, sizes[key.direction], spans.place(key.window_minutes), sight) for key in keys}


@dataclass(frozen=True)
class _Held:
    """The highest and lowest rate of each symbol (a line) in each window (a column)."""

    symbols: list[str]
    lines: dict[str, int]
    high: Floats
    low: Floats

    def aggregate(self, key: AggregateKey, sizes: Floats, column: int, sight: Sight) -> Aggregate:
        line = self.lines.get(key.symbol, -1) if key.symbol else self._largest(sizes, column)
        if line < 0 or not np.isfinite(sizes[line, column]):
            return Aggregate(None, sight.is_stale)
        value, high = float(sizes[line, column]), float(self.high[line, column])
        rate = high if high == value else float(self.low[line, column])
        return Aggregate(value, sight.is_stale, {"rate": rate, "largest_symbol": self.symbols[line]})

    def _largest(self, sizes: Floats, column: int) -> int:
        """The line of the symbol that reaches farthest; -1 without any."""
        return int(sizes[:, column].argmax()) if len(sizes) else -1


def size_of(high: Floats, low: Floats, direction: str) -> Floats:
    """How far from zero rates reach, on the side that counts; -inf where there is no rate."""
    if direction == "both":
        return np.maximum(high, -low)
    reach = high if direction == "long" else -low
    return np.where(np.isfinite(reach), np.maximum(reach, 0.0), -np.inf)


def course(key: AggregateKey, grid: Grid) -> Steady:
    """The largest rate at every moment of the grid: each is laid over the moments that see it, the largest last."""
    only = sql.SQL("AND symbol = %(symbol)s" if key.symbol else "")
    statement = TIMES.format(held=HELD.format(table=TABLE, only=only))
    rows = np.array(ask(statement, grid.parameters() | {"symbol": key.symbol}), dtype=float).reshape(-1, 4)
    series = np.full(len(grid.seconds), np.nan)
    sizes = size_of(rows[:, 2], rows[:, 3], key.direction)
    begins = np.searchsorted(grid.seconds, rows[:, 0], side="left")
    ends = np.searchsorted(grid.seconds, rows[:, 1] + 60 * key.window_minutes, side="left")
    for row in np.argsort(sizes, kind="stable"):
        series[begins[row] : ends[row]] = sizes[row]
    return Steady(series)
