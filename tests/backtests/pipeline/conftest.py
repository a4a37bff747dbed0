"""Runs of olivia's workspace over small bars, worked on in this process or by a real worker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from accounts.models import User, Workspace
from backtests import queue, services, warm, work
from backtests.models import Dataset, Run
from tests.backtests.making import dataset_row
from tests.fakes import openai as models
from tests.fakes.openai import Model

Start = Callable[..., Run]
Finish = Callable[[], list[Run]]


@pytest.fixture(autouse=True)
def _weak_machines_too(settings: Settings) -> None:
    settings.SANDBOX_LEVEL = "seccomp_no_open"


@pytest.fixture(scope="session", autouse=True)
def _no_warm_parent_left() -> Iterator[None]:
    yield
    warm.close()


@pytest.fixture
def bars(transactional_db: None, workspace: Workspace, olivia: User) -> Dataset:
    """600 hourly bars that rise and fall in waves."""
    return dataset_row(workspace, olivia, count=600, name="Waves")


@pytest.fixture
def start(workspace: Workspace, olivia: User, bars: Dataset) -> Start:
    """`start("an idea", name="…")`: a queued run on the bars, without a parameter search."""

    def begin(ideas: str, **given: Any) -> Run:
        values: dict[str, Any] = {"workspace": workspace, "actor": olivia, "dataset_ids": [bars.pk], **given}
        values["options"] = {"optimise": False, "lookahead": False, "seed": 7, **values.get("options", {})}
        return services.start_run(ideas=ideas, **values)

    return begin


@pytest.fixture
def finish(bars: Dataset) -> Finish:
    """Works on everything that is due, in this process; returns the runs as they are then."""

    def all_due() -> list[Run]:
        done = []
        while run := queue.claim():
            work.perform(run)
            done.append(run.pk)
        return [Run.objects.get(pk=pk) for pk in done]

    return all_due


@pytest.fixture
def model(settings: Settings) -> Iterator[Model]:
    """A scripted language model that every stage but research asks."""
    with Model() as found:
        settings.RBI_MODEL_BASE_URL, settings.RBI_MODEL_API_KEY = found.url, models.KEY
        settings.RBI_STAGES = {"research": ("", "", ""), "draft": ("scribe", "", ""), "debug": ("scribe", "", "")}
        yield found
