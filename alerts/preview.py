"""What an alert would have done: the same rules and states over the stored past of a plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from alerts import machine
from alerts.aggregates.grid import Course, Floats, Grid
from alerts.aggregates.reading import course_of
from alerts.models import WhaleCount
from alerts.models.alert import Phase
from alerts.models.event import Event
from alerts.rules.registry import RULES
from alerts.rules.shapes import AggregateKey, Config, State
from billing.terms import Terms
from marketdata.catalogue import FEEDS
from marketdata.history import history_start
from marketdata.state import is_live, read_state, served_source
from moondev.lib.clock import now

DAYS = 30
POINTS = 360
# Rows that hold reach this far into the past.
HOLDS = timedelta(hours=24)
MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Preview:
    """When it would have fired, and the value's course with gaps as None, thinned to what a chart shows.

    `history_from` is the first moment that was looked at; None where the feed has nothing.
    """

    times: list[datetime]
    series: list[tuple[datetime, float | None]]
    threshold: float
    unit: str
    history_from: datetime | None


def preview(config: Config, terms: Terms, *, days: int = DAYS, at: datetime | None = None) -> Preview:
    """Replay the last days at the plan's poll interval, as far back as the plan's history goes."""
    rule = RULES[config.kind]
    key = rule.aggregate_of(config)
    grid = grid_of(key, terms, days, at)
    if grid is None:
        return Preview([], [], config.threshold, rule.UNIT, None)
    course = course_of(key, grid)
    fired = replay(config, course, grid)
    series = thinned(course.values(fired), grid)
    return Preview([grid.at(place) for place in fired], series, config.threshold, rule.UNIT, grid.at(0))


def grid_of(key: AggregateKey, terms: Terms, days: int, at: datetime | None = None) -> Grid | None:
    """The moments of the last days at which a whole window lies in what the plan may see. None: there are none.

    Imported files end where they end, so there the days are the last ones of the file.
    """
    source, interval = served_source(), terms.alert_poll_seconds
    state = read_state(source, key.feed)
    begin = _first_row(key, source)
    if begin is None or state.newest is None:
        return None
    newest = at or (now() if is_live() else state.newest + timedelta(seconds=interval))
    window = timedelta(minutes=key.window_minutes)
    visible = max(filter(None, [begin, history_start(key.feed, terms.history_days)]))
    start = max(newest - timedelta(days=days), visible + (window if key.window_minutes else timedelta()))
    first = max(visible, start - window - HOLDS) - MOMENT
    begins, ends = _up(start, interval), int(newest.timestamp()) // interval * interval
    return Grid(source, interval, begins, ends, first) if begins <= ends else None


def replay(config: Config, course: Course, grid: Grid) -> list[int]:
    """The places of the grid at which the alert fires.

    Looks only where something can change: where the input does, right after each change, and where waiting may end.
    """
    rule = RULES[config.kind]
    looks = course.looks(config).tolist()
    state, fired, place, upcoming = State(since=grid.at(0)), [], 0, 0
    while place < len(grid.seconds):
        at = grid.at(place)
        decision = rule.evaluate(config, course.at(place, state), state)
        step = machine.step(config, state, decision, at, momentary=rule.MOMENTARY)
        if step.event is Event.Kind.FIRED:
            fired.append(place)
        upcoming = _after(looks, upcoming, place)
        place = min(_next(config, state, step.state, grid, place), *looks[upcoming : upcoming + 1], len(grid.seconds))
        state = step.state
    return fired


def _after(looks: list[int], upcoming: int, place: int) -> int:
    """The number of the first look beyond a place."""
    while upcoming < len(looks) and looks[upcoming] <= place:
        upcoming += 1
    return upcoming


def _next(config: Config, before: State, state: State, grid: Grid, place: int) -> int:
    """The next place at which the same input may change something."""
    if state != before:
        return place + 1
    if state.phase != Phase.PENDING:
        return len(grid.seconds)
    return max(place + 1, grid.place_from(machine.may_fire_at(config, state)))


def thinned(values: Floats, grid: Grid, points: int = POINTS) -> list[tuple[datetime, float | None]]:
    """The course in at most `points` steps, of each the largest value, so that no peak is lost."""
    size = -(-len(values) // points)
    padded = np.append(values, np.full(-len(values) % size, np.nan)).reshape(-1, size)
    lowest = np.where(np.isnan(padded), -np.inf, padded)
    best = lowest.argmax(axis=1)
    places = np.minimum(best + np.arange(len(padded)) * size, len(values) - 1)
    tops = np.take_along_axis(lowest, best[:, None], axis=1)[:, 0]
    pairs = zip(places.tolist(), tops.tolist(), strict=True)
    return [(grid.at(place), value if np.isfinite(value) else None) for place, value in pairs]


def _first_row(key: AggregateKey, source: str) -> datetime | None:
    """The oldest moment that a feed knows; of a list, the first count that was noted."""
    if FEEDS[key.feed].is_list:
        counts = WhaleCount.objects.filter(source=source).order_by("at")
        return counts.values_list("at", flat=True).first()
    return read_state(source, key.feed).oldest


def _up(moment: datetime, interval: int) -> int:
    """The first multiple of the interval at or after a moment."""
    return -int(-moment.timestamp() // interval) * interval
