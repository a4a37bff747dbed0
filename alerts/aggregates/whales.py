"""How many whale addresses there are. The list keeps no past, so each change of the count is noted here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from alerts.aggregates.grid import Floats, Grid, Ints
from alerts.aggregates.sight import Sight, see
from alerts.models import Alert, WhaleCount
from alerts.models.alert import Kind
from alerts.rules.shapes import Aggregate, AggregateKey, Config, State
from marketdata.catalogue import WHALES
from moondev.lib.clock import now


def note() -> None:
    """Note the present count, unless it is the one that was noted last."""
    feed = see(WHALES.name, now()).state
    if not feed.rows or feed.changed_at is None:
        return
    newest = WhaleCount.objects.order_by("-id").first()
    if newest is not None and newest.source != feed.source:
        _begin_anew(feed.source, feed.rows, feed.changed_at)
        return
    last = WhaleCount.objects.filter(source=feed.source).order_by("-at").first()
    if last is None or (last.count != feed.rows and last.at < feed.changed_at):
        WhaleCount.objects.get_or_create(source=feed.source, at=feed.changed_at, defaults={"count": feed.rows})


def _begin_anew(source: str, count: int, at: datetime) -> None:
    """Another source is served now: between its count and that of the one before lies no change of the market."""
    WhaleCount.objects.filter(source=source, at=at).delete()
    # The newest row is the served source's again.
    WhaleCount.objects.create(source=source, at=at, count=count)
    # By id, which is the order in which everybody locks them.
    alerts = Alert.objects.filter(kind=Kind.WHALE_ACTIVITY).exclude(baseline=None).order_by("id").select_for_update()
    Alert.objects.filter(pk__in=list(alerts.values_list("pk", flat=True))).update(baseline=None)


def read(keys: Iterable[AggregateKey], sight: Sight) -> dict[AggregateKey, Aggregate]:
    """The count at the moment, the same for every key."""
    noted = WhaleCount.objects.filter(source=sight.source, at__lte=sight.at).order_by("-at")
    count = noted.values_list("count", flat=True).first()
    aggregate = Aggregate(None if count is None else float(count), sight.is_stale)
    return dict.fromkeys(keys, aggregate)


@dataclass(frozen=True)
class Counts:
    """The count at each place of a grid, NaN before the first."""

    series: Floats

    def looks(self, config: Config) -> Ints:
        padded = np.nan_to_num(self.series, nan=-1.0)
        return np.flatnonzero(np.diff(padded, prepend=-2.0))

    def at(self, place: int, state: State) -> Aggregate:
        count = float(self.series[place])
        return Aggregate(None if np.isnan(count) else count)

    def values(self, fired: list[int]) -> Floats:
        """How far the count is from the baseline, which each firing moves; at a firing itself from the one before."""
        known = np.flatnonzero(~np.isnan(self.series))
        if not len(known):
            return self.series
        baseline = np.full(len(self.series), self.series[known[0]])
        for place in fired:
            baseline[place + 1 :] = self.series[place]
        change: Floats = np.abs(self.series - baseline)
        return change


def course(key: AggregateKey, grid: Grid) -> Counts:
    """The noted counts over the grid; a list is never cut by the plan's history."""
    noted = WhaleCount.objects.filter(source=grid.source, at__lte=grid.last).order_by("at")
    rows = list(noted.values_list("at", "count"))
    places = np.searchsorted([at.timestamp() for at, _ in rows], grid.seconds, side="right") - 1
    counts = np.array([count for _, count in rows] + [np.nan], dtype=float)
    return Counts(counts[places])
