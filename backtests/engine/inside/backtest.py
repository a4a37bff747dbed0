"""The sandbox's program `backtest`: one strategy on one data set, or many sets of parameters of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from backtesting import Strategy

from backtests.engine.inside import module, script
from backtests.engine.inside.cells import run_cells
from backtests.engine.inside.failures import failure_of
from backtests.engine.inside.report import deeds, report
from backtests.engine.inside.rows import base_of, ranges_of, read_in_order
from backtests.engine.inside.simulation import Say, Simulation
from backtests.engine.inside.swift import swift

Document = dict[str, Any]
# What is done with a loaded strategy while its surroundings stand.
Use = Callable[[Simulation, type[Strategy], pd.DataFrame], Document]


def main(payload: Mapping[str, Any], files: Mapping[str, Path], say: Say) -> Document:
    """Run what `payload` says. The answer has the fills of a backtest, or `failed`; with `cells` a list of such.

    With `until` every backtest ends after that bar, as the check for look-ahead needs no more of it.
    """
    frame = read_in_order(files["data"])
    use: Use = run_once(payload) if "cells" not in payload else run_cells(payload, say)
    simulation = Simulation(
        payload["account"], seed=payload["seed"], say=say, whole=payload["kind"] == "script", until=payload.get("until")
    )
    try:
        with swift():
            return with_strategy(payload, frame, say, use, simulation)
    except BaseException as error:
        return {"failed": failure_of(error), "trials": simulation.runs}


def run_once(payload: Mapping[str, Any]) -> Use:
    """One backtest with the parameters of the request. A script has made its own already."""

    def use(simulation: Simulation, strategy: type[Strategy], frame: pd.DataFrame) -> Document:
        if simulation.last is None:
            simulation.run(strategy, frame, payload["parameters"])
        return report(simulation) if simulation.until is None else deeds(simulation)

    return use


def with_strategy(
    payload: Mapping[str, Any], frame: pd.DataFrame, say: Say, use: Use, simulation: Simulation
) -> Document:
    """Load the code and use its strategy."""
    os.environ["RBI_WORKSPACE_NAME"] = str(payload.get("workspace", ""))
    if payload["kind"] != "script":
        return use(simulation, module.load(payload["code"]), frame)
    with script.adapted() as notes:
        # What a script's own optimize() found is among the parameters by then; it need not be looked for again.
        patience = {"optimise_sec": 0.0} if simulation.until is not None else {}
        loaded = script.load(payload["code"], frame, say, notes=notes, run=_ran_by(simulation, payload), **patience)
        simulation.own = loaded.parameters
        found = use(simulation, loaded.strategy, loaded.frame)
    return {
        **found,
        "adaptations": notes.texts,
        "timeframe": loaded.timeframe,
        "rows": ranges_of(simulation.traded, base_of(frame, loaded.timeframe).index),
        "settings": _shown(loaded.settings),
        "trials": loaded.trials,
    }


def _ran_by(simulation: Simulation, payload: Mapping[str, Any]) -> script.Run:
    """How a script's own backtests are run: with the account of the run, not the script's."""

    def run(
        strategy: type[Strategy], frame: pd.DataFrame, parameters: Mapping[str, Any], _: Mapping[str, Any]
    ) -> pd.Series:
        return simulation.run(strategy, frame, {**parameters, **payload["parameters"]})

    return run


def _shown(settings: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): str(value)[:60] for name, value in settings.items()}
