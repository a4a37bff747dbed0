"""Many sets of parameters of one strategy, one after the other. A set that fails does not stop the others."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pandas as pd
from backtesting import Strategy

from backtests.engine.inside.failures import failure_of
from backtests.engine.inside.report import brief
from backtests.engine.inside.simulation import Say, Simulation


class CellTimeout(BaseException):
    """A cell used up its processor time. Not an Exception, so that a strategy's own handlers let it through."""


def run_cells(
    payload: Mapping[str, Any], say: Say
) -> Callable[[Simulation, type[Strategy], pd.DataFrame], dict[str, Any]]:
    """Run each set of `payload["cells"]`, each with `cell_cpu_sec` of processor time."""

    def use(simulation: Simulation, strategy: type[Strategy], frame: pd.DataFrame) -> dict[str, Any]:
        done: list[dict[str, Any]] = []
        for parameters in payload["cells"]:
            done.append(_cell(simulation, strategy, frame, {**payload["parameters"], **parameters}, payload))
            say({"cells": len(done)})
        return {"cells": done}

    return use


def _cell(
    simulation: Simulation,
    strategy: type[Strategy],
    frame: pd.DataFrame,
    parameters: Mapping[str, Any],
    payload: Mapping[str, Any],
) -> dict[str, Any]:
    try:
        with _limited(payload["cell_cpu_sec"]):
            simulation.run(strategy, frame, parameters)
        return brief(simulation)
    except CellTimeout:
        return {"failed": {"kind": "timeout", "message": "", "line": None, "traceback": ""}}
    except BaseException as error:
        return {"failed": failure_of(error)}


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """Raise CellTimeout in here once so much processor time is used."""
    before = signal.signal(signal.SIGPROF, _interrupt)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _interrupt(*_: Any) -> None:
    raise CellTimeout
