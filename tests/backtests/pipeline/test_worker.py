"""A real Celery worker of the queue `backtests`: woken up, cancelled, killed, replaced, refused."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from accounts.models import User
from backtests import services
from backtests.models import Result, Run, Stage, Status
from tests.backtests.pipeline import ideas
from tests.backtests.pipeline.conftest import Start
from tests.backtests.pipeline.worker import BacktestsWorker
from tests.backtests.sandbox.asking import WITHOUT_NAMESPACES
from tests.worker import running_worker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
BUSY = "    def next(self):\n        sum(range({}))\n"
SLOW = ideas.CODE.replace("    def next(self):\n", BUSY.format(3_000_000))


@pytest.fixture(scope="module")
def worker(django_db_setup: None) -> Iterator[BacktestsWorker]:
    with BacktestsWorker() as found:
        yield found


def wait(what: Callable[[], object], seconds: float) -> float:
    """Seconds until something holds; fails after so many."""
    begin = time.monotonic()
    while not what():
        assert time.monotonic() - begin < seconds, "it took too long"
        time.sleep(0.05)
    return time.monotonic() - begin


def is_at(run: Run, stage: str) -> Callable[[], bool]:
    return lambda: Stage.objects.filter(run=run, name=stage).exists()


def is_over(run: Run) -> Callable[[], bool]:
    return lambda: Run.objects.get(pk=run.pk).is_finished


def test_it_is_woken_up_by_a_start_and_works_it_through(worker: BacktestsWorker, start: Start) -> None:
    run = start(ideas.SPECIFICATION, options={"optimise": True, "lookahead": True})
    # The product's deadline to the first sign of life is a second.
    wait(lambda: Run.objects.get(pk=run.pk).progress.get("lines"), 3)
    wait(is_over(run), 60)
    run.refresh_from_db()
    assert (run.status, run.error_text) == (Status.COMPLETE, "")
    assert Result.objects.filter(run=run).count() == 2


def test_it_stops_a_running_run_within_two_seconds(worker: BacktestsWorker, start: Start, olivia: User) -> None:
    run = start(SLOW)
    wait(is_at(run, "run"), 30)
    services.cancel_run(run=run, actor=olivia)
    wait(is_over(run), 6)
    run.refresh_from_db()
    assert run.status == Status.CANCELLED
    stage = Stage.objects.get(run=run, name="run")
    assert (stage.state, stage.error_text) == ("failed", "The run was cancelled.")


def test_it_gives_its_run_back_when_it_is_asked_to_end(worker: BacktestsWorker, start: Start, olivia: User) -> None:
    with worker.paused(), BacktestsWorker() as first:
        run = start(SLOW)
        wait(is_at(run, "run"), 30)
        first.process.terminate()
        wait(lambda: Run.objects.get(pk=run.pk).status == Status.QUEUED, 10)
        assert first.process.wait(20) == 0
        assert Run.objects.get(pk=run.pk).attempts == 0
        services.cancel_run(run=run, actor=olivia)


def test_it_takes_over_a_run_whose_worker_was_killed(worker: BacktestsWorker, start: Start) -> None:
    """Also with `kill -9`: what was done stays done, and there is one result."""
    slow = ideas.CODE.replace("    def next(self):\n", BUSY.format(300_000))
    with worker.paused(), BacktestsWorker() as doomed:
        run = start(slow)
        wait(is_at(run, "run"), 30)
        doomed.kill()
    drafted = Stage.objects.get(run=run, name="draft").started_at
    wait(is_over(run), 90)
    run.refresh_from_db()
    assert (run.status, run.attempts) == (Status.COMPLETE, 2)
    assert Stage.objects.get(run=run, name="draft").started_at == drafted
    assert Result.objects.filter(run=run).count() == 1


def test_it_does_not_start_without_a_boundary_that_is_strong_enough() -> None:
    worker = BacktestsWorker(*WITHOUT_NAMESPACES, SANDBOX_LEVEL="namespaces")
    with pytest.raises(RuntimeError, match="does not start") as refused:
        worker.__enter__()
    assert worker.process.poll() not in (None, 0)
    last = str(refused.value).strip().splitlines()[-1]
    if "unshare:" in last or "max_user_namespaces" in last:
        pytest.skip(f"not tested: {last}")
    assert last.startswith("This worker cannot run backtests: ")
    assert "namespaces" in last


def test_it_is_taken_by_no_other_worker(worker: BacktestsWorker, start: Start, olivia: User) -> None:
    """Also not by one whose own beat sends the wake-ups, once they have come."""
    with worker.paused(), running_worker():
        run = start(ideas.CODE)
        time.sleep(6)
        assert Run.objects.get(pk=run.pk).status == Status.QUEUED
        services.cancel_run(run=run, actor=olivia)
