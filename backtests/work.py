"""Working on runs: claim one, hold it, take it through its stages, write down how it ended."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F

from backtests import counted, ending, queue, warm
from backtests.engine.settings import read_settings
from backtests.engine.version import ENGINE_VERSION
from backtests.hold import Hold, Reason, Stopped, stopping
from backtests.models import Run, Status
from backtests.progress import Progress
from backtests.rbi import pipeline
from backtests.rbi.stages.work import Context
from backtests.sandbox import BoundaryMissing
from backtests.services import datasets_of
from billing.wake import wake
from moondev.lib.clock import now
from moondev.lib.queue import State

MOST_ATTEMPTS = 3
# After something of ours broke.
PAUSE = timedelta(seconds=5)
LOST = (
    "lost",
    "The run was begun three times and each time the machine that worked on it stopped. Start it again with less data, "
    "or tell us.",
)
BROKEN = ("internal", "Something broke on our side three times. We have been told; nothing is wrong with your idea.")
TIMEOUT = ("timeout", "The run took longer than allowed. Start it again with fewer ideas or data sets.")
NOTHING = ("no_result", "None of the ideas came to a result.")
log = structlog.get_logger(__name__)
_places = threading.BoundedSemaphore(settings.BACKTEST_PARALLEL)


def work() -> int:
    """Work on what is due until there is nothing for this process; returns how many runs it dealt with."""
    if not _places.acquire(blocking=False):
        return 0
    done = 0
    try:
        while not stopping.is_set() and (run := queue.claim()):
            perform(run)
            done += 1
    finally:
        _places.release()
    return done


def perform(run: Run) -> None:
    """Bring a claimed run to its end, or give it back for another worker."""
    structlog.contextvars.bind_contextvars(run=run.pk, workspace=run.workspace.slug)
    if run.attempts > MOST_ATTEMPTS and not run.cancel_requested_at:
        _end(run, Status.ERROR, *LOST)
        return
    try:
        _hold(run)
    except Stopped as stop:
        _stopped(run, stop.reason)
    except BoundaryMissing as missing:
        _give_back(run)
        warm.end_process(str(missing))
    except Exception:
        log.exception("a run broke")
        _broke(run)


def _hold(run: Run) -> None:
    progress = Progress(run, of=pipeline.steps_of(run.ideas.count()))
    with Hold(run, every_look=progress.flush) as hold:
        hold.look()
        hold.check()
        progress.say("A worker has begun" if run.attempts == 1 else "Another worker goes on with it")
        context = Context(hold, progress, warm.sandbox(), datasets_of(run), read_settings(run.settings))
        pipeline.run_ideas(context)
        hold.check()
        _finish(run, progress)


def _finish(run: Run, progress: Progress) -> None:
    ideas = list(run.ideas.all())
    good = sum(1 for idea in ideas if idea.status == Status.COMPLETE)
    says = f"{good} of {len(ideas)} ideas came to a result"
    values: dict[str, Any] = {"progress": progress.done(says)}
    if good:
        _end(run, Status.COMPLETE, **values)
        return
    first = next((idea for idea in ideas if idea.error_text), None)
    error = (first.error_code, first.error_text) if first else NOTHING
    _end(run, Status.ERROR, *error, **values)


def _stopped(run: Run, reason: Reason) -> None:
    """What follows from each reason to leave off; a lost run is somebody else's."""
    if reason == "cancelled":
        _end(run, Status.CANCELLED)
    elif reason == "timeout":
        _end(run, Status.TIMEOUT, *TIMEOUT)
    elif reason == "stopping":
        _give_back(run)


def _give_back(run: Run) -> None:
    """As if nobody had claimed it, for a worker that lives."""
    if run.give_back():
        Run.objects.filter(pk=run.pk).update(status=Status.QUEUED, version=F("version") + 1)
        wake("backtests.tasks.work")


def _broke(run: Run) -> None:
    if run.attempts >= MOST_ATTEMPTS:
        _end(run, Status.ERROR, *BROKEN)
    elif run.retry("broke", after=PAUSE):
        Run.objects.filter(pk=run.pk).update(status=Status.QUEUED, version=F("version") + 1)


@transaction.atomic
def _end(run: Run, status: Status, code: str = "", text: str = "", **values: Any) -> None:
    """Write down the end, if the run is still ours."""
    mine = Run.objects.filter(pk=run.pk, state=State.RUNNING, claim=run.claim)
    found = mine.select_for_update(of=("self",)).values_list("progress", flat=True)[:1]
    if not found:
        return
    if "progress" not in values:
        values["progress"] = ending.last_word(found[0], status)
    mine.update(
        status=status, state=State.DONE, error_code=code[:40], error_text=text[:500], finished_at=now(),
        lease_until=None, claim="", engine_version=ENGINE_VERSION, version=F("version") + 1, **values,
    )  # fmt: skip
    run.close(status, code, text)
    counted.FINISHED.labels(status.value).inc()
    if run.started_at:
        counted.SECONDS.observe((now() - run.started_at).total_seconds())
    log.info("a run ended", status=status.value, code=code)
