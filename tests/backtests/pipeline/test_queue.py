"""Which run is next, who holds it, and what becomes of one whose worker is gone."""

from __future__ import annotations

import threading
import time
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User, Workspace
from backtests import hold, queue, retention, warm, work
from backtests.hold import Hold, Stopped
from backtests.models import Result, Run, Stage, Status
from billing.models import Plan
from moondev.lib.queue import State
from tests.backtests.making import dataset_row, finished, run_row
from tests.backtests.pipeline import ideas
from tests.backtests.pipeline.conftest import Finish, Start

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow(1)]
BUSY = ideas.CODE.replace("    def next(self):\n", "    def next(self):\n        sum(range(100_000))\n")


def waiting(workspace: Workspace, count: int = 1, *, minutes: int = 0) -> list[Run]:
    due = timezone.now() - timedelta(minutes=minutes)
    rows: dict[str, Any] = {
        "status": Status.QUEUED,
        "state": State.WAITING,
        "started_at": None,
        "finished_at": None,
        "due_at": due,
    }
    return [run_row(workspace, **rows) for _ in range(count)]


def expire(run: Run) -> None:
    """As if its worker had been killed half a minute ago."""
    Run.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_it_runs_no_more_of_a_workspace_at_once_than_its_plan_has(workspace: Workspace) -> None:
    waiting(workspace, 3)
    first = queue.claim()
    assert first is not None
    assert queue.claim() is None
    work._end(first, Status.COMPLETE, progress=first.progress)
    assert queue.claim() is not None


def test_it_serves_the_workspace_with_the_fewest_running_first(
    workspace: Workspace, strangers_workspace: Workspace
) -> None:
    Plan.objects.filter(name="free").update(concurrent_runs=2)
    mine = waiting(workspace, 3, minutes=10)
    theirs = waiting(strangers_workspace, 1)
    claimed = [queue.claim() for _ in range(4)]
    assert [run.pk if run else None for run in claimed] == [
        min(mine, key=lambda run: run.pk).pk, theirs[0].pk, sorted(run.pk for run in mine)[1], None,
    ]  # fmt: skip


def test_it_gives_one_run_to_one_of_many_workers(workspace: Workspace, strangers_workspace: Workspace) -> None:
    Plan.objects.filter(name="free").update(concurrent_runs=3)
    waiting(workspace, 8)
    waiting(strangers_workspace, 8)
    found: list[Run] = []

    def claim() -> None:
        try:
            while run := queue.claim():
                found.append(run)
        finally:
            connection.close()

    threads = [threading.Thread(target=claim) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({run.pk for run in found}) == len(found) == 6
    assert set(Counter(run.workspace_id for run in found).values()) == {3}


def test_it_leaves_the_runs_of_a_closed_workspace(workspace: Workspace) -> None:
    waiting(workspace)
    Workspace.objects.filter(pk=workspace.pk).update(
        closed_at=timezone.now(), erase_after=timezone.now() + timedelta(days=30)
    )
    assert queue.claim() is None


def test_it_goes_on_after_the_last_step_that_is_done(start: Start, finish: Finish) -> None:
    run = start(ideas.CODE)
    (run,) = finish()
    # As a worker leaves it that is killed while it judges.
    Run.objects.filter(pk=run.pk).update(status=Status.RUNNING, state=State.RUNNING, finished_at=None, attempts=1)
    run.ideas.update(status=Status.RUNNING)
    run.stages.filter(name="judge").delete()
    began = dict(run.stages.values_list("name", "started_at"))
    expire(run)
    (again,) = finish()
    assert (again.status, again.attempts) == (Status.COMPLETE, 2)
    assert {**dict(again.stages.values_list("name", "started_at")), **began} == dict(
        again.stages.values_list("name", "started_at")
    )
    assert Result.objects.filter(run=run).count() == 1
    assert [line for _, line in again.progress["lines"] if line.startswith("Another")] == [
        "Another worker goes on with it"
    ]


def test_it_gives_a_run_up_whose_workers_die_again_and_again(start: Start, finish: Finish) -> None:
    run = start(ideas.CODE)
    for _ in range(3):
        assert queue.claim() is not None
        expire(run)
    (ended,) = finish()
    assert (ended.status, ended.error_code) == (Status.ERROR, "lost")
    assert ended.progress["says"] == "It was given up"
    assert "three times" in ended.error_text


def test_it_cancels_a_run_whose_worker_is_gone(start: Start, finish: Finish, olivia: User) -> None:
    from backtests import services

    run = start(ideas.CODE)
    queue.claim()
    expire(run)
    services.cancel_run(run=run, actor=olivia)
    run.refresh_from_db()
    assert (run.status, run.state) == (Status.CANCELLED, State.DONE)
    assert finish() == []


def test_it_lets_a_worker_that_comes_back_late_write_nothing(workspace: Workspace) -> None:
    waiting(workspace)
    late = queue.claim()
    assert late is not None
    expire(late)
    taken = queue.claim()
    assert taken is not None
    held = Hold(late)
    with pytest.raises(Stopped, match="lost"), held.writing():
        pass
    work._end(late, Status.ERROR, "late", "Too late.")
    taken.refresh_from_db()
    assert taken.status == Status.RUNNING


def test_it_keeps_a_lease_as_long_as_it_works(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hold, "BEAT_EVERY", 0.0)
    waiting(workspace)
    run = queue.claim()
    assert run is not None
    expire(run)
    held = Hold(run)
    held.look()
    run.refresh_from_db()
    assert run.lease_until is not None
    assert run.lease_until > timezone.now()
    assert run.worked_seconds > 0


def test_it_gives_a_run_back_when_the_worker_is_to_end(start: Start, finish: Finish) -> None:
    start(ideas.CODE)
    hold.stopping.set()
    try:
        run = queue.claim()
        assert run is not None
        work.perform(run)
    finally:
        hold.stopping.clear()
    run.refresh_from_db()
    assert (run.status, run.state, run.attempts) == (Status.QUEUED, State.WAITING, 0)


def test_it_keeps_runs_as_long_as_the_plan_says(workspace: Workspace, strangers_workspace: Workspace) -> None:
    old, young, theirs = finished(workspace), finished(workspace), finished(strangers_workspace)
    Run.objects.filter(pk__in=[old.run_id, theirs.run_id]).update(finished_at=timezone.now() - timedelta(days=31))
    Plan.objects.filter(name="free").update(run_retention_days=30)
    assert retention.prune() == 2
    assert list(Result.objects.all()) == [young]
    Plan.objects.filter(name="free").update(run_retention_days=None)
    assert retention.prune() == 0


def test_it_tries_a_run_again_whose_sandbox_died(start: Start, finish: Finish) -> None:
    """The warm parent is killed while a strategy runs: nothing is wrong with the idea."""
    run = start(BUSY)
    threading.Thread(target=_close_when_running, args=(run.pk, "run")).start()
    (once,) = finish()
    assert (once.status, once.attempts) == (Status.QUEUED, 1)
    Run.objects.filter(pk=run.pk).update(due_at=timezone.now())
    (again,) = finish()
    assert (again.status, again.attempts) == (Status.COMPLETE, 2)


@pytest.mark.parametrize(("stage", "idea"), [("optimise", ideas.SPECIFICATION), ("judge", BUSY)])
def test_it_takes_no_answer_of_a_sandbox_that_died(
    start: Start, finish: Finish, workspace: Workspace, olivia: User, stage: str, idea: str
) -> None:
    dataset = dataset_row(workspace, olivia, count=12_000 if stage == "optimise" else 300)
    options = {"optimise": stage == "optimise", "lookahead": stage == "judge"}
    run = start(idea, dataset_ids=[dataset.pk], options=options)
    threading.Thread(target=_close_when_running, args=(run.pk, stage)).start()
    (once,) = finish()
    assert (once.status, once.attempts) == (Status.QUEUED, 1)
    assert once.stages.get(name=stage).state == "running"


def _close_when_running(run_id: str, stage: str) -> None:
    try:
        while not Stage.objects.filter(run=run_id, name=stage).exists():
            time.sleep(0.02)
        time.sleep(0.2)
        warm.close()
    finally:
        connection.close()
