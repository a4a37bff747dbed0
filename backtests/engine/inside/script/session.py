"""One execution of a script: what it has been given, and what it has done so far."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from backtesting import Strategy

from backtests.engine.inside.script.frames import Settled, settle
from backtests.engine.inside.script.notes import Notes
from backtests.engine.inside.script.strategies import whole

Parameters = Mapping[str, Any]
# run(strategy, frame, parameters, settings as the script names them) -> the stats of one backtest, as Backtest.run's.
Run = Callable[[type[Strategy], pd.DataFrame, Parameters, Mapping[str, Any]], pd.Series]


@dataclass
class Made:
    """A backtest that the script made."""

    strategy: type[Strategy]
    settled: Settled
    settings: dict[str, Any]
    parameters: dict[str, Any] = field(default_factory=dict)
    stats: pd.Series = field(default_factory=lambda: pd.Series(dtype=object))


@dataclass
class Session:
    """`made` are the script's backtests in their order, `last` the one that ran last.

    `error` is the exception of the latest run, even if the script swallowed it. With `strict` the script's data has to
    be rows of the data set or bars made of it; else the data set takes its place. `begun` is called at the first.
    """

    frame: pd.DataFrame
    notes: Notes
    engine: Run
    optimise_sec: float
    say: Callable[[Any], None]
    made: list[Made] = field(default_factory=list)
    last: Made | None = None
    error: BaseException | None = None
    trials: int = 0
    # Calls of `run` and `optimize` that the script itself made.
    calls: int = 0
    strict: bool = True
    begun: Callable[[], None] = lambda: None
    is_supplied: Callable[[], bool] = lambda: True

    @property
    def result(self) -> Made:
        """The backtest that counts."""
        assert self.last is not None  # noqa: S101
        return self.last

    def make(self, data: Any, strategy: Any, settings: dict[str, Any]) -> Made:
        """Note a `Backtest(...)` of the script."""
        kind = whole(strategy, self.notes)
        frame = data if isinstance(data, pd.DataFrame) else self.frame
        made = Made(
            kind, settle(frame, self.frame, self.notes, strict=self.strict, is_supplied=self.is_supplied()), settings
        )
        self.made.append(made)
        self.begun()
        return made

    def run(self, made: Made, parameters: Parameters) -> pd.Series:
        """One backtest; it is the script's result until the next one."""
        self.trials += 1
        self.error = None
        try:
            stats = self.engine(made.strategy, made.settled.frame, parameters, made.settings)
        except Exception as error:
            self.error = error
            raise
        made.parameters, made.stats = dict(parameters), stats
        self.last = made
        return stats

    def deadline(self) -> float:
        """When an `optimize` that begins now has to be done."""
        return time.monotonic() + self.optimise_sec
