"""Many sets of parameters over all processors. Each cell's fills stand the same check as those of a single run."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd

from backtests.engine import said
from backtests.engine.failing import FORGED, TOO_MANY, UNREADABLE, failed_of, said_by, told
from backtests.engine.fanning import outcomes, processors
from backtests.engine.ledger import Forged, TooMany
from backtests.engine.outcomes import Cell, Failed
from backtests.engine.request import Request, Value
from backtests.engine.running import LIMITS, UNREADABLE_BARS, Cancelled, job_of, read_bars
from backtests.engine.space import Fits, Method, Space, cells_of
from backtests.engine.verifying import verify
from backtests.sandbox import Sandbox
from backtests.sandbox.job import Job, Limits, Outcome

# So many jobs a processor at least: few enough that starting them costs nothing, and what ends a job loses few cells.
BATCHES_PER_PROCESSOR = 4
# Of the cells that are left a job takes one in so many for each processor, so that none waits long at the end.
SHARES_OF_THE_REST = 2
LARGEST_BATCH = 16
# Of a batch, for loading the code.
SPARE_SEC = 10
Cells = list[dict[str, Value]]
# One job of several cells ended as a whole: each of them is tried alone.
ENDED_TOGETHER = ("timeout", "memory", "output", "crashed")


def grid(
    sandbox: Sandbox,
    request: Request,
    space: Space,
    *,
    method: Method = "grid",
    most: int = 200,
    seed: int = 1,
    fits: Fits | None = None,
    parallel: int | None = None,
    cancelled: Cancelled | None = None,
    on_progress: Callable[[dict[str, int]], None] | None = None,
    limits: Limits = LIMITS,
    within_sec: float | None = None,
) -> list[Cell]:
    """The cells of a grid that fit, or `most` of them at random, in the grid's order. Raises Invalid for a bad space.

    `limits` are those of one cell. After `within_sec` the cells that are left fail with `timeout`.
    """
    wanted = cells_of(space, method=method, most=most, seed=seed, fits=fits)
    try:
        frame = read_bars(request)
    except UNREADABLE_BARS:
        return [Cell(parameters, failure=Failed("data", UNREADABLE)) for parameters in wanted]
    search = _Search(sandbox, request, frame, limits, parallel or processors(), _Stop(cancelled, within_sec))
    done: list[Cell] = []
    for cells in search.cells(wanted):
        done += cells
        if on_progress:
            on_progress({"cells": len(done), "of": len(wanted)})
    return done


def batches_of(cells: Cells, *, parallel: int) -> list[Cells]:
    """The cells in order, as jobs that become smaller to the end."""
    most = min(LARGEST_BATCH, math.ceil(len(cells) / (parallel * BATCHES_PER_PROCESSOR)))
    batches: list[Cells] = []
    while cells:
        size = min(most, math.ceil(len(cells) / (parallel * SHARES_OF_THE_REST)))
        batches.append(cells[:size])
        cells = cells[size:]
    return batches


class _Stop:
    """Says when to stop: somebody cancelled, or the time for the whole grid is over."""

    def __init__(self, cancelled: Cancelled | None, within_sec: float | None) -> None:
        self._cancelled = cancelled
        self._end = math.inf if within_sec is None else time.monotonic() + within_sec

    def __call__(self) -> bool:
        return self.is_late or bool(self._cancelled and self._cancelled())

    @property
    def is_late(self) -> bool:
        return time.monotonic() > self._end


class _Search:
    """One grid on its way."""

    def __init__(
        self, sandbox: Sandbox, request: Request, frame: pd.DataFrame, limits: Limits, parallel: int, stop: _Stop
    ) -> None:
        self._sandbox, self._request, self._frame = sandbox, request, frame
        self._limits, self._parallel, self._stop = limits, parallel, stop

    def cells(self, wanted: Cells) -> Iterator[list[Cell]]:
        """The cells in order, batch by batch."""
        batches = batches_of(wanted, parallel=self._parallel)
        for batch, outcome in zip(batches, self._outcomes(batches), strict=True):
            failed = failed_of(outcome, self._limits)
            if failed and failed.kind in ENDED_TOGETHER and len(batch) > 1 and not self._stop():
                yield self._alone(batch)
            else:
                yield self._read(batch, outcome, failed)

    def _outcomes(self, batches: list[Cells]) -> Iterator[Outcome]:
        jobs = [partial(self._job, batch) for batch in batches]
        return outcomes(self._sandbox, jobs, parallel=self._parallel, cancelled=self._stop)

    def _job(self, batch: Cells) -> Job:
        limits = replace(
            self._limits,
            cpu_sec=self._limits.cpu_sec * len(batch) + SPARE_SEC,
            wall_sec=self._limits.wall_sec * len(batch) + SPARE_SEC,
        )
        cells: list[Any] = [dict(parameters) for parameters in batch]
        return job_of(self._request, self._frame, limits=limits, cells=cells, cell_cpu_sec=self._limits.cpu_sec)

    def _alone(self, batch: Cells) -> list[Cell]:
        """Each cell in a job of its own, so that only the one that ended the batch fails."""
        singles = [[parameters] for parameters in batch]
        return [
            cell
            for single, outcome in zip(singles, self._outcomes(singles), strict=True)
            for cell in self._read(single, outcome, failed_of(outcome, self._limits))
        ]

    def _read(self, batch: Cells, outcome: Outcome, failed: Failed | None) -> list[Cell]:
        if failed:
            return [Cell(parameters, failure=self._why(failed)) for parameters in batch]
        document = said.of_kind(outcome.document, self._request.kind)
        answers = document.get("cells") if isinstance(document, Mapping) else None
        try:
            if not isinstance(answers, list) or len(answers) != len(batch):
                raise Forged("The cells of the grid are not those asked for.")
            frame = said.frame_traded(document, self._frame)
        except Forged as error:
            forged = told("forged", FORGED.format(reason=error), outcome)
            return [Cell(parameters, failure=forged) for parameters in batch]
        return [self._cell(*pair, frame, outcome) for pair in zip(batch, answers, strict=True)]

    def _cell(self, parameters: dict[str, Value], answer: Any, frame: pd.DataFrame, outcome: Outcome) -> Cell:
        if isinstance(answer, Mapping) and answer.get("failed") is not None:
            return Cell(parameters, failure=said_by(answer["failed"], outcome, cell_sec=self._limits.cpu_sec))
        try:
            return Cell(parameters, stats=verify(answer, frame, self._request.settings).stats)
        except Forged as error:
            return Cell(parameters, failure=told("forged", FORGED.format(reason=error), outcome))
        except TooMany:
            return Cell(parameters, failure=told("output", TOO_MANY, outcome))

    def _why(self, failed: Failed) -> Failed:
        """A cell that the grid's own end cut off was not cancelled by anybody."""
        if failed.kind != "cancelled" or not self._stop.is_late:
            return failed
        return replace(failed, kind="timeout", message="The time for the grid was over before this cell. Try fewer.")
