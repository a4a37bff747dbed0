"""What goes into a rule and what comes out of it. Frozen, and free of the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from alerts.models.alert import Alert, Direction, Phase


@dataclass(frozen=True, slots=True)
class Config:
    """What is watched. `symbol` is written as the rule's feed writes it; empty means all of them."""

    kind: str
    threshold: float
    window_minutes: int = 15
    symbol: str = ""
    direction: str = Direction.BOTH.value
    recovery_threshold: float | None = None
    for_minutes: int = 0
    cooldown_minutes: int = 15

    @property
    def recovery(self) -> float:
        """Below this an excursion is over."""
        return self.threshold if self.recovery_threshold is None else self.recovery_threshold


class AggregateKey(NamedTuple):
    """Which value is compared; alerts with the same key share it. `window_minutes` 0: the value has no window."""

    feed: str
    measure: str
    symbol: str
    direction: str
    window_minutes: int


class Trade(NamedTuple):
    """One trade of a followed wallet; ids grow in the order of arrival."""

    id: int
    time: datetime
    usd: float
    wallet: str
    symbol: str
    side: str


@dataclass(frozen=True, slots=True)
class Aggregate:
    """The value of a key at a moment. None: there is nothing to compare.

    `is_stale`: the feed has not been read lately, so a small value proves nothing. `is_lost`: for so long that there is
    nothing to compare. `trades` are the single trades behind a `copybot_trade`, the largest first.
    """

    value: float | None
    is_stale: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)
    trades: tuple[Trade, ...] = ()
    is_lost: bool = False


class Level(StrEnum):
    """How a value stands to an alert's two thresholds."""

    OVER = "over"
    BETWEEN = "between"
    BELOW = "below"
    # The feed is stale and what is known does not reach the threshold: nothing changes.
    UNKNOWN = "unknown"
    NO_DATA = "no_data"
    ERROR = "error"


class State(NamedTuple):
    """Where an alert stands. `is_open`: it has fired and that excursion has not ended."""

    since: datetime
    phase: str = Phase.NORMAL.value
    is_open: bool = False
    excursion: int = 0
    last_triggered_at: datetime | None = None
    baseline: float | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a rule says: the value, its level, and the baseline that holds from a firing on (or from the first look)."""

    level: Level
    value: float | None = None
    baseline: float | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


class Rule(Protocol):
    """What each module of this package has."""

    TITLE: str
    # One line for people who choose what to watch.
    ABOUT: str
    UNIT: str
    # The feed whose symbols it takes.
    FEED: str
    # Which directions there are, with the words for each.
    DIRECTIONS: Mapping[str, str]
    NEEDS_SYMBOL: bool
    # Fires and is normal again: there is no end to tell.
    MOMENTARY: bool
    # Takes `for_minutes`.
    HAS_DURATION: bool
    # What happened, with `{value}` and `{window}` in words.
    SAYS: str

    def check(self, config: Config) -> None:
        """Raise Invalid for what this kind does not take; what all kinds share is checked by the service."""

    def aggregate_of(self, config: Config) -> AggregateKey:
        """Which value is compared."""

    def evaluate(self, config: Config, aggregate: Aggregate, state: State) -> Decision:
        """How the value stands to the thresholds. Pure."""

    def say(self, value: float, written: str = "") -> str:
        """A value with its unit, for people, rounded unless it is `written` out already."""

    def tell(self, facts: Mapping[str, Any]) -> dict[str, str]:
        """What is known besides the value, by name and in words; `facts` are those of the decision."""


def config_of(alert: Alert) -> Config:
    """What an alert's row says about what is watched."""
    return Config(
        kind=alert.kind,
        threshold=alert.threshold,
        window_minutes=alert.window_minutes,
        symbol=alert.symbol,
        direction=alert.direction,
        recovery_threshold=alert.recovery_threshold,
        for_minutes=alert.for_minutes,
        cooldown_minutes=alert.cooldown_minutes,
    )


def state_of(alert: Alert) -> State:
    """Where an alert's row says that it stands."""
    return State(
        since=alert.phase_since,
        phase=alert.phase,
        is_open=alert.is_open,
        excursion=alert.excursion,
        last_triggered_at=alert.last_triggered_at,
        baseline=alert.baseline,
    )


def level_of(config: Config, aggregate: Aggregate, value: float | None) -> Level:
    """Where a value stands; the comparison with the threshold is >=, an excursion ends below the recovery threshold."""
    if value is None:
        return Level.NO_DATA
    if value >= config.threshold:
        return Level.OVER
    if aggregate.is_lost:
        return Level.NO_DATA
    if aggregate.is_stale:
        return Level.UNKNOWN
    return Level.BELOW if value < config.recovery else Level.BETWEEN
