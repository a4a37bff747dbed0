"""Folders over HTTP, as clients of the first generation call them."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from accounts.models import Workspace
from backtests.models import Folder
from tests.backtests.api.conftest import Call, result_of
from tests.backtests.making import run_row

pytestmark = pytest.mark.django_db


def test_it_makes_a_folder_and_keeps_what_is_added_twice_once(call: Call, workspace: Workspace) -> None:
    made = result_of(run_row(workspace)).pk
    answer = call("post", "/api/folders/add", {"folder_name": "Best", "backtests": [made]}).json()
    assert answer == {
        "workspace": workspace.slug, "success": True, "message": "Added 1 backtest(s) to 'Best'", "added": 1,
    }  # fmt: skip
    row = call("get", "/api/backtests").json()["data"][0]
    assert call("post", "/api/folders/add", {"folder_name": "Best", "backtests": [row]}).json()["added"] == 0
    assert call("get", "/api/folders").json() == {"workspace": workspace.slug, "folders": ["Best"]}
    assert call("get", "/api/folders/list").json()["folders"] == [{"name": "Best", "count": 1}]
    assert [row["id"] for row in call("get", "/api/backtests?folder=Best").json()["data"]] == [made]


def test_it_names_the_code_of_a_folders_strategies(call: Call, workspace: Workspace) -> None:
    run = run_row(workspace)
    ids = [result_of(run).pk for number in range(2)]
    call("post", "/api/folders/add", {"folder_name": "Best", "backtests": ids})
    answer = call("get", "/api/folders/Best/paths").json()
    assert (answer["success"], answer["count"]) == (True, 2)
    assert all(path.startswith(f"my-run-{run.pk}/backtests_final/") for path in answer["paths"])
    assert call("get", "/api/folders/None/paths").status_code == 404


def test_it_deletes_a_folder_and_leaves_its_backtests(call: Call, workspace: Workspace) -> None:
    made = result_of(run_row(workspace)).pk
    call("post", "/api/folders/add", {"folder_name": "Best", "backtests": [made]})
    assert call("post", "/api/folders/delete", {"folder_name": "Best"}).json()["message"] == "Deleted folder 'Best'"
    assert call("get", "/api/folders").json()["folders"] == []
    assert call("get", "/api/backtests").json()["total"] == 1
    assert call("post", "/api/folders/delete", {"folder_name": "Best"}).status_code == 404


@pytest.mark.parametrize("name", ["BTC/USDT", "my  best ", "50% a?b#c"])
def test_it_finds_a_folder_by_the_name_it_was_made_with(name: str, call: Call, workspace: Workspace) -> None:
    made = result_of(run_row(workspace)).pk
    call("post", "/api/folders/add", {"folder_name": name, "backtests": [made]})
    assert call("get", f"/api/folders/{quote(name, safe='')}/paths").json()["count"] == 1
    assert call("get", f"/api/backtests?folder={quote(name)}").json()["total"] == 1
    assert call("post", "/api/folders/delete", {"folder_name": name}).status_code == 200


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"backtests": [1]}, "/folder_name"),
        ({"folder_name": " ", "backtests": [1]}, "/folder_name"),
        ({"folder_name": "x" * 61, "backtests": "here"}, "/folder_name"),
        ({"folder_name": "BTC/../USDT", "backtests": "here"}, "/folder_name"),
        ({"folder_name": "..", "backtests": "here"}, "/folder_name"),
        ({"folder_name": "a\u200bb", "backtests": "here"}, "/folder_name"),
        ({"folder_name": "Best"}, "/backtests"),
        ({"folder_name": "Best", "backtests": []}, "/backtests"),
        ({"folder_name": "Best", "backtests": ["a"]}, "/backtests/0"),
        ({"folder_name": "Best", "backtests": [{"Strategy Name": "Old"}]}, "/backtests/0"),
        ({"folder_name": "Best", "backtests": [987654]}, "/backtests/0"),
    ],
)
def test_it_names_what_is_wrong(body: dict[str, object], pointer: str, call: Call, workspace: Workspace) -> None:
    if body.get("backtests") == "here":
        body = body | {"backtests": [result_of(run_row(workspace)).pk]}
    answer = call("post", "/api/folders/add", body)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert not Folder.objects.exists()


def test_it_takes_nothing_of_a_strangers(call: Call, strangers_call: Call, workspace: Workspace) -> None:
    made = result_of(run_row(workspace)).pk
    call("post", "/api/folders/add", {"folder_name": "Best", "backtests": [made]})
    assert strangers_call("post", "/api/folders/add", {"folder_name": "Mine", "backtests": [made]}).status_code == 422
    assert strangers_call("get", "/api/folders/Best/paths").status_code == 404
    assert strangers_call("post", "/api/folders/delete", {"folder_name": "Best"}).status_code == 404
    assert Folder.objects.get().entries.count() == 1
