"""What all stages share: the run they work for, the idea they are at, and the row of each step.

A step that is done is never done again: a worker that takes over a run reads what the step made and goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from backtests import counted
from backtests.capped import capped
from backtests.engine.outcomes import Failed, Ran
from backtests.engine.request import Request
from backtests.engine.settings import Settings
from backtests.hold import Hold
from backtests.models import Dataset, Idea, Run, Stage, StageState, Strategy
from backtests.progress import Progress
from backtests.sandbox import Sandbox
from moondev.lib.clock import now
from moondev.lib.storable import storable

NAMES = ("intake", "research", "draft", "check", "run", "debug", "datasets", "optimise", "judge")
LONGEST_LOG = 64_000


class IdeaFailed(Exception):
    """Nothing comes of an idea; `text` is for the customer and says why and what would help."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(code)
        self.code, self.text = code, text


@dataclass
class Made:
    """What a step made. With a `code` it failed, and whoever called it decides what follows."""

    document: dict[str, Any] = field(default_factory=dict)
    code: str = ""
    text: str = ""
    skipped: bool = False
    log: str = ""

    @property
    def state(self) -> StageState:
        if self.skipped:
            return StageState.SKIPPED
        return StageState.FAILED if self.code else StageState.DONE


@dataclass
class Context:
    """One run in this worker's hands."""

    hold: Hold
    progress: Progress
    sandbox: Sandbox
    datasets: list[Dataset]
    settings: Settings

    @property
    def run(self) -> Run:
        return self.hold.run


@dataclass
class Work:
    """One idea of it. `ran` is what this worker has computed, by result; after a take-over it is empty.

    `asked` is what models were asked in the present step, and what they answered.
    """

    context: Context
    idea: Idea
    strategy: Strategy | None = None
    ran: dict[int, Ran] = field(default_factory=dict)
    notes: list[dict[str, str]] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)

    @property
    def run(self) -> Run:
        return self.context.run

    @property
    def hold(self) -> Hold:
        return self.context.hold

    @property
    def drafted(self) -> Strategy:
        """The present version of the strategy."""
        if self.strategy is None:
            raise LookupError("nothing was drafted yet")
        return self.strategy

    def say(self, line: str) -> None:
        self.context.progress.say(line)

    def note(self, code: str, text: str) -> None:
        """Something that has to be known beside the numbers of this idea."""
        if all(note["code"] != code for note in self.notes):
            self.notes.append({"code": code, "text": text})


def step(
    work: Work, name: str, do: Callable[[], Made], *, given: Mapping[str, Any], says: str, number: int = 1
) -> Stage:
    """Do one step and keep what went in and came out; the row as it is when it was done before.

    IdeaFailed ends the step and the idea, Stopped and anything else leaves it as it was: running.
    """
    found: Stage | None = Stage.objects.filter(idea=work.idea, name=name, number=number).first()
    if found and found.state != StageState.RUNNING:
        return found
    work.hold.check()
    work.asked = []
    row = _begin(work, name, number, given)
    place = work.idea.position * len(NAMES) + NAMES.index(name)
    work.context.progress.at(done=place, idea=work.idea.position + 1, stage=name, says=says)
    try:
        made = do()
    except IdeaFailed as failure:
        _end(work, row, Made(code=failure.code, text=failure.text))
        raise
    return _end(work, row, made)


def request_for(work: Work, dataset: Dataset, path: Any, **parameters: Any) -> Request:
    """The strategy on a data set, as the engine takes it."""
    strategy = work.drafted
    return Request(
        code=strategy.code, data=path, data_sha256=dataset.sha256, parameters=parameters,
        settings=work.context.settings, kind="script" if strategy.kind == "script" else "module", seed=work.run.seed,
        simulated=dataset.is_simulated, timeframe_sec=dataset.timeframe_sec,
        workspace=work.run.workspace.slug,
    )  # fmt: skip


def failed(failure: Failed) -> Made:
    """A step in which the engine gave no result."""
    counted.FAILURES.labels(failure.kind).inc()
    document = {"kind": failure.kind, "line": failure.line, "traceback": failure.traceback}
    return Made({**document, "adaptations": failure.adaptations}, failure.kind, failure.message, log=failure.log)


def _begin(work: Work, name: str, number: int, given: Mapping[str, Any]) -> Stage:
    values = {"run": work.run, "state": StageState.RUNNING, "given": capped(given), "started_at": now()}
    with work.hold.writing():
        row, _ = Stage.objects.update_or_create(idea=work.idea, name=name, number=number, defaults=values)
    return row


def _end(work: Work, row: Stage, made: Made) -> Stage:
    document = {**made.document, "models": work.asked} if work.asked else made.document
    row.state, row.made, row.finished_at = made.state, capped(document), now()
    row.error_code, row.error_text = made.code[:40], storable(made.text)[:500]
    row.log = storable(made.log)[:LONGEST_LOG]
    with work.hold.writing():
        row.save()
    if made.text:
        work.say(made.text)
    return row
