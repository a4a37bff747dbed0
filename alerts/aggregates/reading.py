"""From keys to values: each feed is looked at once, however many alerts and windows there are on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from alerts.aggregates import funding, liquidations, readings, trades, whales
from alerts.aggregates.grid import Course, Grid
from alerts.aggregates.sight import Sight, see
from alerts.rules.registry import RULES
from alerts.rules.shapes import Aggregate, AggregateKey, Config
from marketdata.state import read_state, served_source
from moondev.lib.clock import now

Read = Callable[[Iterable[AggregateKey], Sight], dict[AggregateKey, Aggregate]]
Run = Callable[[AggregateKey, Grid], Course]

READ: Mapping[str, Read] = {
    "liquidations": liquidations.read,
    "funding": funding.read,
    "open_interest": readings.read,
    "open_interest_total": readings.read,
    "whale_addresses": whales.read,
    "recent_txs": trades.read,
}
COURSE: Mapping[str, Run] = {
    "liquidations": liquidations.course,
    "funding": funding.course,
    "open_interest": readings.course,
    "open_interest_total": readings.course,
    "whale_addresses": whales.course,
    "recent_txs": trades.course,
}


def read_all(keys: Iterable[AggregateKey], at: datetime) -> dict[AggregateKey, Aggregate]:
    """The values of all keys at a moment, of the served source."""
    by_feed: defaultdict[str, set[AggregateKey]] = defaultdict(set)
    for key in keys:
        by_feed[key.feed].add(key)
    found: dict[AggregateKey, Aggregate] = {}
    for feed, wanted in by_feed.items():
        sight = see(feed, at)
        values = READ[feed](wanted, sight)
        found |= {key: replace(value, is_lost=True) for key, value in values.items()} if sight.is_lost else values
    return found


def read_one(config: Config, at: datetime | None = None) -> Aggregate:
    """The value that an alert would be compared with at a moment (now)."""
    key = RULES[config.kind].aggregate_of(config)
    return read_all([key], at or now())[key]


def course_of(key: AggregateKey, grid: Grid) -> Course:
    """The input of a key's rule over a grid."""
    return COURSE[key.feed](key, grid)


def first_baseline(kind: str) -> float | None:
    """What an alert made at this moment measures from; None for the kinds that measure from nothing.

    Without one an alert measures from its first look on, which may be minutes later.
    """
    feed = RULES[kind].FEED
    if not RULES[kind].MOMENTARY:
        return None
    state = read_state(served_source(), feed)
    if not state.version:
        return None
    return float(state.rows if feed == "whale_addresses" else state.last_id)
