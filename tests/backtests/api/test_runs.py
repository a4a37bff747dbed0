"""Starting, watching and stopping runs over HTTP."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from accounts.models import User, Workspace
from backtests.models import Dataset, Run, Status
from tests.backtests.api.conftest import Call, result_of
from tests.backtests.making import dataset_row, run_row

pytestmark = pytest.mark.django_db
IDEA = "buy when RSI(14) crosses below 30, sell when RSI rises above 70"


@pytest.fixture
def data(workspace: Workspace, olivia: User) -> Dataset:
    return dataset_row(workspace, olivia, name="Bars")


def start(call: Call, **body: Any) -> Any:
    return call("post", "/api/backtest/run", {"ideas": IDEA, "run_name": "first", "datasets": ["Bars"], **body})


def test_it_queues_a_run_and_answers_as_it_always_did(call: Call, workspace: Workspace, data: Dataset) -> None:
    answer = start(call).json()
    run = Run.objects.get()
    assert answer == {
        "workspace": workspace.slug, "success": True, "message": "Backtest 'first' is queued.", "run_name": "first",
        "id": run.pk,
    }  # fmt: skip
    assert list(run.datasets.all()) == [data]
    assert run.key_label.startswith("API key")


def test_it_takes_settings_and_options_as_params(call: Call, data: Dataset) -> None:
    assert start(call, datasets=[data.pk], params={"cash": 500, "commission": 0, "seed": 7}).status_code == 200
    run = Run.objects.get()
    assert (run.settings["cash"], run.settings["commission"], run.seed) == (500, 0, 7)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"ideas": ""}, "/ideas"),
        ({"ideas": "# only a comment"}, "/ideas"),
        ({"ideas": 5}, "/ideas"),
        ({"ideas": "\u0000"}, "/ideas"),
        ({"run_name": 5}, "/run_name"),
        ({"run_name": "x" * 81}, "/run_name"),
        ({"run_name": "../x"}, "/run_name"),
        ({"run_name": "a//b"}, "/run_name"),
        ({"datasets": "Bars"}, "/datasets"),
        ({"datasets": ["Nothing"]}, "/datasets/0"),
        ({"datasets": [None]}, "/datasets/0"),
        ({"params": []}, "/params"),
        ({"params": {"cash": -1}}, "/params/cash"),
        ({"params": {"revisions": 99}}, "/params/revisions"),
        ({"params": {"wishes": 3}}, "/params/wishes"),
        ({"params": {"cash": 10**400}}, "/params/cash"),
        ({"params": {"budget_usd": 10**400}}, "/params/budget_usd"),
        ({"params": {"edits": 3}}, "/params/edits"),
        ({"params": {"edits": {"0": {"parameters": [1]}}}}, "/params/edits/0"),
        ({"params": {"edits": {"0": {"parameters": "x"}}}}, "/params/edits/0"),
        ({"params": {"edits": {"0": {"parameters": {"a": 10**400}}}}}, "/params/edits/0/parameters/a"),
        ({"params": {"edits": {"0": {"parameters": {"a\u0000": 1}}}}}, "/params/edits/0"),
        ({"params": {"edits": {"0": {"specification": {}}}}}, "/params/edits/0/specification"),
        # There is one idea: what is asked of a second is asked of none.
        ({"params": {"edits": {"1": {"parameters": {"rsi_period": 21}}}}}, "/params/edits/1"),
        ({"params": {"edits": {"9" * 5000: {}}}}, f"/params/edits/{'9' * 5000}"),
    ],
)
def test_it_names_the_field_that_is_wrong(body: dict[str, Any], pointer: str, call: Call, data: Dataset) -> None:
    answer = start(call, **body)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert not Run.objects.exists()


def test_it_refuses_more_runs_a_day_than_the_plan_has(call: Call, data: Dataset) -> None:
    for _ in range(3):
        assert start(call).status_code == 200
    refused = start(call)
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2].rpartition("#")[2]) == (
        403,
        "quota-exhausted",
    )


def test_it_answers_for_the_newest_run_of_a_name(call: Call, workspace: Workspace) -> None:
    run_row(workspace, name="twice")
    newest = run_row(workspace, name="twice", status=Status.RUNNING, progress={"done": 1, "of": 4, "says": "Running"})
    result_of(newest)
    answer = call("get", "/api/backtest/status/twice").json()
    assert (answer["status"], answer["new_count"], answer["run_name"]) == ("running", 1, "twice")
    assert (answer["id"], answer["progress"]["done"], answer["workspace"]) == (newest.pk, 1, workspace.slug)
    assert call("get", f"/api/backtest/status/{newest.pk}").json()["id"] == newest.pk


@pytest.mark.parametrize("name", ["BTC/USDT try", "my  run", " padded ", "a?b#c"])
def test_it_answers_for_a_run_by_the_name_it_was_started_with(name: str, call: Call, data: Dataset) -> None:
    pk = start(call, run_name=name).json()["id"]
    asked = quote(name, safe="")
    assert call("get", f"/api/backtest/status/{asked}").json()["id"] == pk
    assert call("get", f"/api/backtests?run={asked}").status_code == 200
    assert call("post", f"/api/backtest/cancel/{asked}").json()["id"] == pk


def test_it_says_not_found_for_a_run_that_nobody_started(
    call: Call, strangers_call: Call, workspace: Workspace
) -> None:
    run = run_row(workspace, name="mine")
    for asking, name in ((call, "nobody"), (strangers_call, "mine"), (strangers_call, run.pk)):
        answer = asking("get", f"/api/backtest/status/{name}")
        assert (answer.status_code, answer.json()["status"], answer.json()["new_count"]) == (200, "not_found", 0)


def test_it_says_why_a_run_failed(call: Call, workspace: Workspace) -> None:
    run_row(workspace, name="bad", status=Status.ERROR, error_code="all_failed", error_text="No idea gave a result.")
    answer = call("get", "/api/backtest/status/bad").json()
    assert answer["error"] == {"code": "all_failed", "detail": "No idea gave a result."}


def test_it_cancels_a_queued_run_at_once_and_twice_is_harmless(call: Call, data: Dataset, strangers_call: Call) -> None:
    pk = start(call).json()["id"]
    assert strangers_call("post", f"/api/backtest/cancel/{pk}").status_code == 404
    for name in ("first", pk):
        answer = call("post", f"/api/backtest/cancel/{name}").json()
        assert (answer["success"], answer["message"]) == (True, "Backtest 'first' is cancelled.")
    assert call("get", "/api/backtest/status/first").json()["status"] == "cancelled"
    assert call("post", "/api/backtest/cancel/nobody").status_code == 404
