"""The moments at which an alert would have been looked at, and the course of its value over them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from alerts.rules.shapes import Aggregate, Config, State

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Grid:
    """Every `interval` seconds from `start` to `end`, both multiples of it, in seconds since 1970.

    Rows of `source` later than `first` may be read; the plan's history begins there.
    """

    source: str
    interval: int
    start: int
    end: int
    first: datetime

    @cached_property
    def seconds(self) -> Ints:
        return np.arange(self.start, self.end + 1, self.interval, dtype=np.int64)

    @property
    def last(self) -> datetime:
        return moment(self.end)

    def parameters(self) -> dict[str, Any]:
        """For SQL: the source and the span of rows that may be read."""
        return {"source": self.source, "first": self.first, "last": self.last}

    def at(self, place: int) -> datetime:
        return moment(self.start + place * self.interval)

    def place_from(self, at: datetime) -> int:
        """The first place at or after a moment; may lie beyond the end."""
        return int(-((self.start - at.timestamp()) // self.interval))


class Course(Protocol):
    """An input of a rule over a grid. Between two looks a rule says the same as long as the state is the same."""

    def looks(self, config: Config) -> Ints: ...

    def at(self, place: int, state: State) -> Aggregate: ...

    def values(self, fired: list[int]) -> Floats: ...


@dataclass(frozen=True)
class Steady:
    """A value at each place, NaN where there is none."""

    series: Floats

    def looks(self, config: Config) -> Ints:
        """The places at which the value's level is another than before."""
        levels = np.select(
            [np.isnan(self.series), self.series >= config.threshold, self.series < config.recovery], [0, 3, 1], 2
        )
        return np.flatnonzero(np.diff(levels, prepend=-1))

    def at(self, place: int, state: State) -> Aggregate:
        value = float(self.series[place])
        return Aggregate(None if np.isnan(value) else value)

    def values(self, fired: list[int]) -> Floats:
        return self.series


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
