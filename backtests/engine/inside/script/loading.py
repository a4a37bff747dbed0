"""A script from its text to the strategy, the frame and the result that it ends with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from backtesting import Backtest, Strategy

from backtests.engine.inside.script.failures import ScriptFailed
from backtests.engine.inside.script.notes import Notes

Parameters = Mapping[str, Any]
# run(strategy, frame, parameters, settings as the script names them) -> the stats of one backtest, as Backtest.run's.
Run = Callable[[type[Strategy], pd.DataFrame, Parameters, Mapping[str, Any]], pd.Series]


@dataclass
class Loaded:
    """What a script ended with.

    `frame` has the prices of the data set and the columns that the script added; `rows` are their places in it.
    `stats` is what `run` returned for the last backtest of the script. `settings` are the arguments of its
    `Backtest(...)`, for the report. `trials` counts every backtest that it made itself, cells of `optimize` included.
    `timeframe` is a pandas rule ("4h") when the script makes longer bars out of those of the data set, else "".
    """

    strategy: type[Strategy]
    frame: pd.DataFrame
    stats: pd.Series
    parameters: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    trials: int = 1
    timeframe: str = ""


def run_plainly(
    strategy: type[Strategy], frame: pd.DataFrame, parameters: Parameters, settings: Mapping[str, Any]
) -> pd.Series:
    """One backtest with the script's own settings, by backtesting.py alone."""
    return Backtest(frame, strategy, **settings).run(**parameters)


def load(
    source: str,
    frame: pd.DataFrame,
    say: Callable[[Any], None],
    *,
    notes: Notes,
    run: Run = run_plainly,
    optimise_sec: float = 20.0,
) -> Loaded:
    """Execute a script with `frame` as its data, whatever path it names.

    Raises ScriptFailed, or what the strategy raises.
    """
    place: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(source, "script.py", "exec"), place)  # noqa: S102
    found = [
        v for v in place.values() if isinstance(v, type) and issubclass(v, Strategy) and v.__module__ == "__main__"
    ]
    if not found:
        raise ScriptFailed("no_strategy", "The script defines no Strategy of backtesting.py.")
    return Loaded(found[-1], frame, run(found[-1], frame, {}, {}))
