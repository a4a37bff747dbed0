"""Keys and sessions for the calls of the backtest dashboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from accounts.models import User, Workspace
from backtests.models import Dataset, Result, Run
from gateway.keys import records
from gateway.keys.services import create_key
from marketdata import state
from tests.backtests.making import dataset_row, idea_row, result_row, strategy_row

Call = Callable[..., Any]


@pytest.fixture(autouse=True)
def _no_memory() -> Iterator[None]:
    state.forget()
    records.forget_all()
    yield
    state.forget()
    records.forget_all()


def caller(workspace: Workspace, creator: User, scopes: tuple[str, ...] = ("data", "backtests")) -> Call:
    """`call("get", "/api/stats")` with a key of the workspace; a body goes as JSON."""
    _, raw = create_key(workspace=workspace, actor=creator, name="Tests", scopes=scopes)

    def call(method: str, path: str, body: Any = None, **headers: str) -> Any:
        given: dict[str, Any] = {} if body is None else {"data": body, "content_type": "application/json"}
        return getattr(Client(), method)(path, headers={"X-API-Key": raw, **headers}, **given)

    return call


def result_of(run: Run, dataset: Dataset | None = None, **values: Any) -> Result:
    """A result of one more idea of a run."""
    idea = idea_row(run)
    data = dataset or dataset_row(run.workspace, name=f"Data {Dataset.objects.count()}", count=60)
    return result_row(idea, strategy_row(idea), data, **values)


@pytest.fixture
def call(workspace: Workspace, olivia: User) -> Call:
    return caller(workspace, olivia)


@pytest.fixture
def strangers_call(strangers_workspace: Workspace, sam: User) -> Call:
    return caller(strangers_workspace, sam)
