"""A script from its text to the strategy, the frame and the result that it ends with."""

from __future__ import annotations

import ast
import linecache
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from backtesting import Backtest, Strategy

from backtests.engine.inside.script.attempts import FILE, Attempts
from backtests.engine.inside.script.data.layout import layouts_for
from backtests.engine.inside.script.data.wishes import wishes_of
from backtests.engine.inside.script.naming import named
from backtests.engine.inside.script.notes import Notes
from backtests.engine.inside.script.rewriting import rewritten
from backtests.engine.inside.script.session import Parameters, Run, Session


@dataclass
class Loaded:
    """What a script ended with.

    `frame` has the prices of the data set and the columns that the script added. `stats` is what `run` returned for the
    last backtest of the script. `settings` are the arguments of its `Backtest(...)`, for the report. `trials` counts
    every backtest that it made, cells of `optimize` included. `timeframe` is "" or how the script made longer bars of
    the data set's: the arguments of pandas' resample ("3600s left left": rule, label, closed).
    """

    strategy: type[Strategy]
    frame: pd.DataFrame
    stats: pd.Series
    parameters: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    trials: int = 1
    timeframe: str = ""


def run_plainly(
    strategy: type[Strategy], frame: pd.DataFrame, parameters: Parameters, settings: Parameters
) -> pd.Series:
    """One backtest with the script's own settings, by backtesting.py alone."""
    stats: pd.Series = Backtest(frame, strategy, **settings).run(**parameters)
    return stats


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

    Raises ScriptFailed with the kind and the line, or SyntaxError.
    """
    linecache.cache[FILE] = (len(source), None, source.splitlines(keepends=True), FILE)
    tree = ast.parse(source, FILE)
    wishes = wishes_of(tree)
    tree = rewritten(tree, notes)

    if frame["Volume"].isna().all() and "volume" in source.lower():
        notes.add("The data set has no volume; what the script computes of it has no value.")

    def begin() -> Session:
        return Session(frame, notes, run, optimise_sec, say)

    try:
        session = Attempts(tree, layouts_for(wishes, frame), begin).made()
    except Exception as error:
        found = named(error, wishes, frame)
        if found is error:
            # Raised from itself it would lose its cause.
            raise
        raise found from error
    made = session.result
    return Loaded(
        made.strategy,
        made.settled.frame,
        made.stats,
        made.parameters,
        {name: "a function" if callable(value) else value for name, value in made.settings.items()},
        session.trials,
        made.settled.timeframe,
    )
