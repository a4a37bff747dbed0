"""One backtest by backtesting.py, with a broker that writes down what it does."""

from __future__ import annotations

import random
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import backtesting.backtesting as library
import numpy as np
import pandas as pd
from backtesting import Backtest, Strategy
from backtesting._util import patch

from backtests.engine.inside.broker import Broker, honest_stop

Say = Callable[[Any], None]
TELL_EVERY_SEC = 0.5
LOOK_EVERY_BARS = 256
WARNED = {
    "canceled the relative-sized order": "too small",
    "canceled the order": "too large",
    # Said by the adaptations of scripts.
    "order was refused": "refused",
    "same bar its parent": "ambiguous",
    "remain open": "left open",
}


def nothing(_: Any) -> None:
    """Tell nobody."""


class Simulation:
    """Runs strategies with the account of a run. `last`, `first` and `warned` are of the latest backtest of `runs`.

    `until` ends each backtest after that bar. With `whole` backtesting.py's statistics are computed here too, for
    scripts that print them; what is published is computed outside.
    """

    def __init__(
        self,
        account: Mapping[str, Any],
        *,
        seed: int,
        say: Say = nothing,
        whole: bool = False,
        until: int | None = None,
    ) -> None:
        # JSON has no tuples, and backtesting.py takes nothing else.
        self._account = {**account, "commission": tuple(account["commission"])}
        # What our own modules ask for, since an amount of cash or a number of coins counts the unit of the run.
        self._told = {"traded_unit": self._account.pop("unit", 1.0), "most_leverage": 1 / account["margin"]}
        self._seed = seed
        self._say = say
        self._whole = whole
        self.until = until
        self.last: Strategy | None = None
        self.traded: pd.Index = pd.DatetimeIndex([])
        # The bar at which the latest backtest began.
        self.first = 0
        self.runs = 0
        # Parameters that stand unless others are given: a script's own.
        self.own: Mapping[str, Any] = {}
        self.warned: Counter[str] = Counter()

    def run(self, strategy: type[Strategy], frame: pd.DataFrame, parameters: Mapping[str, Any]) -> pd.Series:
        """backtesting.py's own run; the strategy that traded is `last` afterwards."""
        random.seed(self._seed)
        np.random.seed(self._seed % 2**32)
        self.warned = Counter()
        self.runs += 1
        with self._watched():
            backtest = Backtest(frame, strategy, **self._account)
            backtest._broker = partial(Broker, **backtest._broker.keywords)
            told = {name: value for name, value in self._told.items() if hasattr(strategy, name)}
            stats: pd.Series = backtest.run(**{**told, **self.own, **parameters})
            return stats

    @contextmanager
    def _watched(self) -> Iterator[None]:
        with ExitStack() as stack:
            stack.enter_context(patch(library, "compute_stats", partial(self._finish, library.compute_stats)))
            stack.enter_context(patch(library, "_tqdm", self._bars))
            stack.enter_context(patch(library.Order, "stop", property(honest_stop)))
            stack.enter_context(warnings.catch_warnings())
            warnings.simplefilter("always")
            warnings.showwarning = self._count
            yield

    def _finish(self, compute: Callable[..., pd.Series], **given: Any) -> pd.Series:
        self.last, self.traded = given["strategy_instance"], given["ohlc_data"].index
        return compute(**given) if self._whole else pd.Series(dtype=object)

    def _bars(self, bars: range, **_: Any) -> Iterator[int]:
        """The bars of a backtest, told of twice a second, where backtesting.py draws its bar."""
        due, last = time.monotonic() + TELL_EVERY_SEC, bars.stop
        self.first = bars.start
        end = last if self.until is None else min(last, self.until + 1)
        for begin in range(bars.start, end, LOOK_EVERY_BARS):
            if time.monotonic() > due:
                due = time.monotonic() + TELL_EVERY_SEC
                self._say({"bar": begin, "of": last})
            yield from range(begin, min(begin + LOOK_EVERY_BARS, end))

    def _count(self, message: Warning | str, *_: Any, **__: Any) -> None:
        """Warnings are counted by kind: backtesting.py gives one for each rejected order."""
        text = str(message)
        self.warned[next((kind for words, kind in WARNED.items() if words in text), "other")] += 1
