"""Single trades of followed wallets, the largest first."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

import numpy as np
from django.db.models import FloatField, Func, QuerySet

from alerts.aggregates.grid import Floats, Grid, Ints, moment
from alerts.aggregates.sight import Sight
from alerts.aggregates.windows import Spans
from alerts.rules.shapes import Aggregate, AggregateKey, Config, State, Trade
from marketdata.models import CopybotTrade


class Epoch(Func):
    """A moment as its seconds since 1970, parts of them included: a number comes four times as fast as a text.

    Django's Extract gives whole seconds, and those of the clock in the zone that is active.
    """

    template = "date_part('epoch', %(expressions)s)"
    output_field = FloatField()


SIDES = {"long": "buy", "short": "sell"}


def read(keys: Iterable[AggregateKey], sight: Sight) -> dict[AggregateKey, Aggregate]:
    """The trades in each key's window. What arrived after the feed's state was read waits for the next look."""
    keys = list(keys)
    if sight.is_empty:
        return dict.fromkeys(keys, Aggregate(None, sight.is_stale))
    since = sight.at - Spans.of(keys).longest
    rows = CopybotTrade.objects.filter(id__lte=sight.state.last_id, source=sight.source)
    trades = largest_first(_trades(rows.filter(time__gt=since, time__lte=sight.at)))
    by_symbol = defaultdict(list, {"": trades})
    for trade in trades:
        by_symbol[trade.symbol].append(trade)
    return {key: _aggregate(key, by_symbol[key.symbol], sight) for key in keys}


def _trades(rows: QuerySet[CopybotTrade]) -> list[Trade]:
    """Rows as trades; one without a value in USD is none."""
    columns = rows.values_list("id", Epoch("time"), "usd_value", "wallet", "symbol", "side")
    return [Trade(pk, moment(epoch), float(usd), *texts) for pk, epoch, usd, *texts in columns if usd is not None]


def largest_first(trades: list[Trade]) -> list[Trade]:
    return sorted(trades, key=lambda trade: (-trade.usd, trade.id))


def _aggregate(key: AggregateKey, trades: list[Trade], sight: Sight) -> Aggregate:
    since = sight.at - timedelta(minutes=key.window_minutes)
    chosen = tuple(trade for trade in trades if trade.time > since and _fits(trade, key))
    value = chosen[0].usd if chosen else 0.0
    return Aggregate(value, sight.is_stale, {"last_id": sight.state.last_id}, chosen)


def _fits(trade: Trade, key: AggregateKey) -> bool:
    if key.symbol and trade.symbol != key.symbol:
        return False
    return key.direction == "both" or trade.side.lower() == SIDES[key.direction]


@dataclass(frozen=True)
class Arrivals:
    """Trades in the order of their time, numbered from 1, over a grid."""

    grid: Grid
    window: int
    trades: list[Trade]

    @cached_property
    def moments(self) -> list[float]:
        return [trade.time.timestamp() for trade in self.trades]

    @cached_property
    def times(self) -> Floats:
        return np.array(self.moments)

    @cached_property
    def usd(self) -> Floats:
        return np.array([trade.usd for trade in self.trades])

    def looks(self, config: Config) -> Ints:
        """Where a trade that reaches the threshold comes into the window or leaves it, and the first place."""
        times = self.times[self.usd >= config.threshold]
        edges = np.searchsorted(self.grid.seconds, np.concatenate([times, times + self.window]), side="left")
        return np.union1d([0], edges[edges < len(self.grid.seconds)])

    def at(self, place: int, state: State) -> Aggregate:
        """The trades in the window that the alert has not seen."""
        end = self.grid.start + place * self.grid.interval
        known = bisect_right(self.moments, end)
        seen = known if state.baseline is None else int(state.baseline)
        first = max(seen, bisect_right(self.moments, end - self.window))
        return Aggregate(0.0, facts={"last_id": known}, trades=tuple(largest_first(self.trades[first:known])))

    def values(self, fired: list[int]) -> Floats:
        """The largest trade in the window, seen or not."""
        series = np.zeros(len(self.grid.seconds))
        begins = np.searchsorted(self.grid.seconds, self.times, side="left")
        ends = np.searchsorted(self.grid.seconds, self.times + self.window, side="left")
        for number in np.argsort(self.usd, kind="stable"):
            series[begins[number] : ends[number]] = self.usd[number]
        return series


def course(key: AggregateKey, grid: Grid) -> Arrivals:
    """The trades that the key counts, over the grid."""
    rows = CopybotTrade.objects.filter(source=grid.source, time__gt=grid.first, time__lte=grid.last)
    chosen = [trade for trade in _trades(rows.order_by("time", "id")) if _fits(trade, key)]
    numbered = [trade._replace(id=number) for number, trade in enumerate(chosen, start=1)]
    return Arrivals(grid, 60 * key.window_minutes, numbered)
