"""Runs and results in words: in which state they are, what a stage does, how a number is written."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backtests.datasets.timeframes import name_of
from backtests.models import Dataset, Idea, Lookahead, Result, Run, Stage, StageState, Status, Strategy

MISSING = "–"
STATUSES: Mapping[str, tuple[str, str]] = {
    Status.QUEUED: ("Queued", "info"),
    Status.RUNNING: ("Running", "info"),
    Status.COMPLETE: ("Complete", "good"),
    Status.TIMEOUT: ("Out of time", "warn"),
    Status.ERROR: ("Error", "bad"),
    Status.CANCELLED: ("Cancelled", ""),
}
STAGES: Mapping[str, tuple[str, str]] = {
    "intake": ("Intake", "Reads the line: words, a link or code."),
    "research": ("Research", "Collects what has to be known to write it down as rules."),
    "draft": ("Draft", "Turns the idea into rules and the rules into code."),
    "check": ("Check", "Looks for mistakes and glances at the future before anything runs."),
    "run": ("Run", "Runs the code on a data set, away from everything else."),
    "debug": ("Repair", "Mends what went wrong and tries again."),
    "datasets": ("More data", "Runs it on the other data sets."),
    "optimise": ("Optimise", "Tries other parameters and keeps only improvements."),
    "judge": ("Judge", "Says what is known about whether it was luck."),
}
STATES: Mapping[str, tuple[str, str]] = {
    StageState.RUNNING: ("Running", "info"),
    StageState.DONE: ("Done", "good"),
    StageState.FAILED: ("Failed", "bad"),
    StageState.SKIPPED: ("Skipped", ""),
}
LOOKAHEADS: Mapping[str, tuple[str, str, str]] = {
    Lookahead.CLEAN: ("Clean", "good", "Orders stayed the same when only later bars were changed."),
    Lookahead.SUSPECT: ("Suspect", "bad", "Orders changed when only later bars were changed: it may see the future."),
    Lookahead.NOT_CHECKED: ("Not checked", "warn", "Whether it sees the future was not tested."),
}


@dataclass(frozen=True, slots=True)
class Word:
    """A state for people; `tone` is the badge's colour class, `why` a sentence about it."""

    word: str
    tone: str
    why: str = ""


def status_of(row: Run | Idea) -> Word:
    """The state of a run or an idea; a run that is asked to stop says so until it has."""
    if isinstance(row, Run) and row.cancel_requested_at and not row.is_finished:
        return Word("Stopping", "warn")
    return Word(*STATUSES[row.status])


def state_of(stage: Stage) -> Word:
    return Word(*STATES[stage.state])


def stage_name(stage: Stage) -> str:
    """`Repair 2`: a repeat of a step has its number."""
    title = STAGES.get(stage.name, (stage.name.capitalize(), ""))[0]
    return title if stage.number == 1 else f"{title} {stage.number}"


def lookahead_of(result: Result) -> Word:
    return Word(*LOOKAHEADS[result.lookahead])


def percent_done(run: Run) -> int:
    """How far a run is, from 0 to 100."""
    done, of = run.progress.get("done"), run.progress.get("of")
    if run.status == Status.COMPLETE:
        return 100
    if not isinstance(done, int | float) or not isinstance(of, int | float) or of <= 0:
        return 0
    return max(0, min(100, int(100 * done / of)))


def dataset_words(dataset: Dataset) -> str:
    """`BTC hourly, 1h`."""
    return f"{dataset.name}, {name_of(dataset.timeframe_sec)}"


def parameters_of(result: Result) -> str:
    return ", ".join(f"{name} {plain(value)}" for name, value in result.parameters.items())


def strategy_name(strategy: Strategy) -> str:
    return strategy.name if strategy.version == 1 else f"{strategy.name} v{strategy.version}"


def plain(value: Any) -> str:
    """A value in few characters: 10.0 is `10`, 0.12345 is `0.1235`, True is `yes`."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return MISSING
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer() and abs(value) < 1e15):
        return f"{int(value):,}"
    if isinstance(value, float):
        return f"{value:,.2f}" if abs(value) >= 100 else f"{value:.4g}"
    return str(value)


def percent(value: float | None, *, signed: bool = True) -> str:
    """`+12.34 %`, `-4.20 %`; the sign says what the colour says."""
    if value is None or not math.isfinite(value):
        return MISSING
    return f"{value:+,.2f} %" if signed else f"{value:,.2f} %"


def ratio(value: float | None) -> str:
    return MISSING if value is None or not math.isfinite(value) else f"{value:,.2f}"


def tone_of(value: float | None) -> str:
    """The colour class of a gain or a loss."""
    if value is None or not math.isfinite(value) or value == 0:
        return ""
    return "p-up" if value > 0 else "p-down"
