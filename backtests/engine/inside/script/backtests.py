"""What a script gets for `Backtest`: its runs go through the engine, its charts nowhere."""

from __future__ import annotations

from typing import Any, ClassVar

import pandas as pd

from backtests.engine.inside.script.optimising import optimise
from backtests.engine.inside.script.session import Made, Session

_KNOWN = ("cash", "spread", "commission", "margin", "trade_on_close", "hedging", "exclusive_orders", "finalize_trades")
_ALSO = {
    "initial_cash": "cash",
    "starting_cash": "cash",
    "initial_capital": "cash",
    "capital": "cash",
    "fees": "commission",
}


def backtest_class(session: Session) -> type[Any]:
    """A `Backtest` for one session."""

    class Backtest:
        _session: ClassVar[Session] = session

        def __init__(self, data: Any = None, strategy: Any = None, *rest: Any, **options: Any) -> None:
            self._made: Made = session.make(data, strategy, _settings(rest, options, session))
            self._data = self._made.settled.frame
            self._strategy = self._made.strategy
            self._results: pd.Series | None = None

        def run(self, *_: Any, **parameters: Any) -> pd.Series:
            session.calls += 1
            self._results = session.run(self._made, parameters)
            return self._results

        def optimize(self, **options: Any) -> Any:
            session.calls += 1
            answer = optimise(session, self._made, options)
            self._results = self._made.stats
            return answer

        def plot(self, *_: Any, **__: Any) -> None:
            """No chart: the product draws its own."""

    return Backtest


def many_class(session: Session) -> type[Any]:
    """A `MultiBacktest`: every data set of it is the run's, so one of them is run."""
    single = backtest_class(session)

    class MultiBacktest:
        def __init__(self, df_list: Any = (), strategy_cls: Any = None, **options: Any) -> None:
            self._one = single(next(iter(df_list), None), strategy_cls, **options)

        def run(self, **parameters: Any) -> pd.DataFrame:
            stats: pd.Series = self._one.run(**parameters)
            return stats.to_frame()

        def optimize(self, **options: Any) -> Any:
            heat: pd.Series = self._one.optimize(**{**options, "return_heatmap": True})[1]
            return heat.to_frame()

    return MultiBacktest


def _settings(rest: tuple[Any, ...], options: dict[str, Any], session: Session) -> dict[str, Any]:
    """Arguments by backtesting.py's names; those that it does not have are left out and said."""
    found = dict(zip(_KNOWN, rest, strict=False))
    for name, value in options.items():
        known = _ALSO.get(name, name)
        if known in _KNOWN:
            found[known] = value
        elif name not in ("satoshi", "fractional_unit"):
            session.notes.add(f"Backtest() has no argument {name}; it was left out.")
    return found
