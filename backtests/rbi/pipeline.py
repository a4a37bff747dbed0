"""An idea from its words to its results, stage after stage."""

from __future__ import annotations

from backtests import results
from backtests.models import FINISHED, Idea, Result, Stage, StageState, Status
from backtests.rbi.stages.debug import until_it_runs
from backtests.rbi.stages.draft import draft
from backtests.rbi.stages.intake import intake
from backtests.rbi.stages.judge import judge
from backtests.rbi.stages.optimise import optimise
from backtests.rbi.stages.research import research
from backtests.rbi.stages.run import datasets
from backtests.rbi.stages.work import NAMES, Context, IdeaFailed, Work

NO_TRADES = "There was no trade on any data set."


def run_ideas(context: Context) -> None:
    """Try every idea that has no end yet. One that fails does not keep the others. Raises Stopped."""
    for idea in context.run.ideas.exclude(status__in=FINISHED):
        work = Work(context, idea)
        _set(work, Status.RUNNING)
        try:
            _try(work)
        except IdeaFailed as failure:
            _set(work, Status.ERROR, failure)
            context.progress.say(f"Idea {idea.position + 1} came to nothing: {failure.text}")
        else:
            _set(work, Status.COMPLETE)


def steps_of(ideas: int) -> int:
    """How many steps a run of so many ideas is said to have."""
    return ideas * len(NAMES)


def _try(work: Work) -> None:
    intake(work)
    studied = research(work)
    if studied.error_code:
        raise IdeaFailed(studied.error_code, studied.error_text)
    draft(work, studied.made)
    first = until_it_runs(work)
    others = datasets(work)
    base = Result.objects.get(pk=first.made["result"])
    _check_trades(work, [first, *others])
    optimise(work, base)
    judge(work)


def _check_trades(work: Work, runs: list[Stage]) -> None:
    """Raise IdeaFailed when the strategy never traded, with the likely cause."""
    if any(row.made.get("trades") for row in runs if row.state == StageState.DONE):
        return
    causes = [note["text"] for note in runs[0].made["notes"] if note["code"] == results.NO_TRADES]
    raise IdeaFailed(results.NO_TRADES, " ".join(causes[:1]) or NO_TRADES)


def _set(work: Work, status: Status, failure: IdeaFailed | None = None) -> None:
    idea: Idea = work.idea
    idea.status = status
    idea.error_code, idea.error_text = (failure.code[:40], failure.text[:500]) if failure else ("", "")
    with work.hold.writing():
        idea.save(update_fields=["status", "error_code", "error_text"])
