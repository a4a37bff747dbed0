"""A key reaches its own workspace's rows: every address with a parameter, filled with Olivia's, for Sam's key."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client

from accounts.models import User, Workspace
from backtests.models import Dataset, Folder, Run
from billing.principal import SCOPES
from gateway.keys.services import create_key
from moondev import schema
from tests.portal.alerts.rows import alert_ids
from tests.portal.backtests.rows import backtest_ids

pytestmark = pytest.mark.django_db
PARAMETER = re.compile(r"{\w+}")
# What these name is the same for everybody: files of the catalogue, and days.
NOBODYS = {"/files/{name}", "/copybot/data/{name}", "/download/{name}", "/api/backtests/by-date/{date}"}
# By contract a run that there is not is no error: clients of the first generation poll for it.
NOT_FOUND_IS_A_STATUS = "/api/backtest/status/{run_name}"
CALLS = [
    (method, path)
    for path, operations in schema.document()["paths"].items()
    for method in operations
    if PARAMETER.search(path) and path not in NOBODYS
]


@pytest.fixture
def olivias(workspace: Workspace, olivia: User) -> dict[str, list[str]]:
    """What of hers fits into each address. One that is not here has a call that nobody thought of."""
    ids = {**alert_ids(workspace, olivia), **backtest_ids(workspace, olivia)}
    alert, run = str(ids["alert_id"]), Run.objects.get(pk=ids["run_id"])
    return {
        "/alerts/{id}": [alert],
        "/alerts/{id}/history": [alert],
        "/alerts/{id}/test": [alert],
        "/api/backtest/status/{run_name}": [run.name, run.pk],
        "/api/backtest/cancel/{run_name}": [run.name, run.pk],
        "/api/folders/{name}/paths": [Folder.objects.get(pk=ids["folder_id"]).name],
        "/download/testdata/{name}": [Dataset.objects.get(pk=ids["dataset_id"]).name],
    }


def keyed(workspace: Workspace, owner: User) -> Client:
    return Client(headers={"X-API-Key": create_key(workspace=workspace, actor=owner, name="walk", scopes=SCOPES)[1]})


def ask(client: Client, method: str, path: str, value: str) -> Any:
    return client.generic(method.upper(), PARAMETER.sub(value, path), "{}", content_type="application/json")


def is_there(answer: Any) -> bool:
    """Whether an answer tells of a row."""
    return answer.status_code != HTTPStatus.NOT_FOUND and b'"not_found"' not in answer.getvalue()


def test_it_tells_a_strangers_key_nothing_at_any_address(
    olivias: dict[str, list[str]], workspace: Workspace, olivia: User, strangers_workspace: Workspace, sam: User
) -> None:
    stranger, owner = keyed(strangers_workspace, sam), keyed(workspace, olivia)
    for method, path in CALLS:
        for value in olivias[path]:
            answer = ask(stranger, method, path, value)
            expected = HTTPStatus.OK if path == NOT_FOUND_IS_A_STATUS else HTTPStatus.NOT_FOUND
            assert (answer.status_code, is_there(answer)) == (expected, False), (method, path)
            # Hers: what the stranger was asking for is there, and was left as it was.
            assert method != "get" or is_there(ask(owner, method, path, value)), path


def test_it_leaves_out_no_address_that_is_somebodys(olivias: dict[str, list[str]]) -> None:
    assert {path for _, path in CALLS} == set(olivias)
