"""Run: the strategy on one data set, in the sandbox, and what came of it in rows and files."""

from __future__ import annotations

from typing import Any

from backtests import results
from backtests.datasets import frames
from backtests.engine import running
from backtests.engine.failing import OURS
from backtests.engine.outcomes import Failed, Ran
from backtests.models import Dataset, Result, Stage
from backtests.rbi.stages.work import Made, Work, failed, request_for, step
from moondev.lib.errors import NotFound


class Interrupted(RuntimeError):
    """The sandbox broke and not the strategy: the run is tried again."""


def run(work: Work, number: int) -> Stage:
    """Run the present version on the first data set; `number` counts the versions that were tried."""
    dataset = work.context.datasets[0]
    return step(
        work, "run", lambda: made_of(work, dataset), given=_given(work, dataset), number=number,
        says=f"Running {work.drafted} on {dataset}",
    )  # fmt: skip


def datasets(work: Work) -> list[Stage]:
    """Run the version that works on every other data set."""
    return [
        step(
            work, "datasets", lambda chosen=dataset: made_of(work, chosen), number=number,  # type: ignore[misc]
            given=_given(work, dataset), says=f"Running {work.drafted} on {dataset}",
        )
        for number, dataset in enumerate(work.context.datasets[1:], 1)
    ]  # fmt: skip


def made_of(work: Work, dataset: Dataset) -> Made:
    """A run and its stored result, or why there is none. The first one with trades is kept for its judge."""
    ran = run_on(work, dataset)
    if isinstance(ran, Failed):
        with work.hold.writing():
            results.count(work.hold, "dataset", ran.trials, idea=work.idea, strategy=work.drafted, dataset=dataset)
        return failed(ran)
    result = results.store(work.hold, ran, idea=work.idea, strategy=work.drafted, dataset=dataset, notes=work.notes)
    if result.trades and not work.ran:
        work.ran[result.pk] = ran
    return Made(summary(result), text=said(result), log=ran.log)


def run_on(work: Work, dataset: Dataset, **parameters: Any) -> Ran | Failed:
    """Run the present version in the sandbox. Raises Stopped as soon as the run is not to be worked on any more."""
    try:
        path = frames.path(dataset)
    except NotFound as error:
        return Failed("data", error.detail)
    found = running.run(
        work.context.sandbox, request_for(work, dataset, path, **parameters), cancelled=work.hold.stopped,
        on_progress=lambda message: tell(work, message),
    )  # fmt: skip
    work.hold.check()
    check_ours(found if isinstance(found, Failed) else None)
    return found


def check_ours(*failures: Failed | None) -> None:
    """Raise Interrupted when one of them is the sandbox's own: what it cut off is no answer."""
    for failure in failures:
        if failure and failure.kind == OURS:
            raise Interrupted(failure.message)


def tell(work: Work, message: Any) -> None:
    """A line about how far the child is; it says so itself, so only numbers are taken."""
    if isinstance(message, dict) and isinstance(message.get("bar"), int) and isinstance(message.get("of"), int):
        work.say(f"Bar {message['bar']:,} of {message['of']:,}")


def summary(result: Result) -> dict[str, Any]:
    """A result as a stage shows it."""
    return {
        "result": result.pk,
        "dataset": result.dataset_id,
        "return_pct": result.return_pct,
        "trades": result.trades,
        "notes": result.notes,
        "adaptations": result.adaptations,
    }


def said(result: Result) -> str:
    """A result in a line."""
    number = "no number" if result.return_pct is None else f"{result.return_pct:+.2f} %"
    return f"{result.dataset}: {number}, {result.trades} trades"


def _given(work: Work, dataset: Dataset) -> dict[str, Any]:
    return {
        "strategy": work.drafted.pk,
        "version": work.drafted.version,
        "dataset": dataset.pk,
        "data": dataset.name,
        "sha256": dataset.sha256,
        "settings": work.run.settings,
        "seed": work.run.seed,
    }
