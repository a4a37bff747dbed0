"""Backtests end to end: runs a minute through Celery, and how soon a run shows a sign of life.

    python -m tests.bench.backtests [--runs 20]

Two workspaces start as many runs of a small script each on bundled bars; a worker as `make up` starts it does them all.
"""

from __future__ import annotations

import argparse
import time
from statistics import median
from typing import Any

from tests import environment

RUNS, LOOKS = 20, 10
# Seconds.
LONGEST = 600.0
PLAN = {"backtest_runs_per_day": 100_000, "concurrent_runs": 8}


def lines(runs: int = RUNS) -> list[str]:
    """Both numbers as a line of Markdown each."""
    # Django is ready by now; these look at its settings.
    from tests.backtests.pipeline.worker import BacktestsWorker

    start = prepare()
    with BacktestsWorker():
        finished([start(0)])
        waits = [first_sign(start) for _ in range(LOOKS)]
        began = time.perf_counter()
        finished([start(number) for number in range(runs)])
        rate = runs / (time.perf_counter() - began) * 60
    return [
        f"Backtests end to end, each one idea on 2,000 bars or so with all stages: {rate:.0f} runs a minute.",
        f"From a start to the first sign of life: {median(waits):.2f} s, at most {max(waits):.2f} s (at most 1 s).",
    ]


def prepare() -> Any:
    """Two workspaces on a plan without narrow limits; returns what starts a run in one of them."""
    from accounts.models import Member, Role, User, Workspace
    from backtests import services
    from backtests.datasets import builtin
    from backtests.models import Dataset
    from billing.models import Plan
    from tests.backtests.pipeline.ideas import CODE

    Plan.objects.filter(name="free").update(**PLAN)
    builtin.seed()
    user = User.objects.create(email="bench-backtests@example.com", name="Bench")
    places = [Workspace.objects.create(slug=f"bench-backtests-{number}", name="Bench") for number in range(2)]
    Member.objects.bulk_create(Member(workspace=place, user=user, role=Role.OWNER) for place in places)
    bars = Dataset.objects.get(workspace=None, name="GOOG")

    def start(number: int) -> str:
        place = places[number % len(places)]
        run = services.start_run(workspace=place, actor=user, ideas=CODE, dataset_ids=[bars.pk])
        return str(run.pk)

    return start


def first_sign(start: Any) -> float:
    """Seconds from the commit of a run to the first line of its worker."""
    from backtests.models import Run

    began = time.perf_counter()
    run = start(0)
    while not Run.objects.get(pk=run).progress.get("lines"):
        time.sleep(0.01)
    waited = time.perf_counter() - began
    finished([run])
    return waited


def finished(runs: list[str]) -> None:
    """Return once all runs have come to a result."""
    from backtests.models import Run, Status

    deadline = time.perf_counter() + LONGEST
    while Run.objects.filter(pk__in=runs, status=Status.COMPLETE).count() < len(runs):
        bad = Run.objects.filter(pk__in=runs).exclude(error_code="").first()
        if bad or time.perf_counter() > deadline:
            raise SystemExit(f"runs do not come to a result: {bad and bad.error_text}")
        time.sleep(0.05)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.backtests")
    parser.add_argument("--runs", type=int, default=RUNS)
    arguments = parser.parse_args()
    with environment.alone():
        print("\n".join(lines(arguments.runs)))  # noqa: T201


if __name__ == "__main__":
    main()
