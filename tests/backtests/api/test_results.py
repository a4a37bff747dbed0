"""The rows that clients of the first generation read, and what is new beside them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.models import User, Workspace
from backtests.models import Result, Strategy
from tests.backtests.api.conftest import Call, caller, result_of
from tests.backtests.making import run_row

pytestmark = pytest.mark.django_db
COLUMNS = [
    *("Strategy Name", "Thread ID", "Return %", "Buy & Hold %", "Max Drawdown %", "Sharpe Ratio", "Sortino Ratio"),
    *("Exposure %", "EV %", "Trades", "File Path", "Data", "Time"),
]
STATS = {
    *("total_backtests", "unique_strategies", "unique_data_sources", "avg_return", "max_return", "avg_sortino"),
    "workspace",
}


def test_it_answers_an_empty_workspace_with_zeros(call: Call, workspace: Workspace) -> None:
    assert call("get", "/api/stats").json() == dict.fromkeys(STATS, 0) | {"workspace": workspace.slug}
    answer = call("get", "/api/backtests").json()
    assert (answer["data"], answer["total"], answer["workspace"]) == ([], 0, workspace.slug)


def test_it_gives_the_thirteen_columns_and_what_is_new(call: Call, workspace: Workspace) -> None:
    made = result_of(run_row(workspace))
    answer = call("get", "/api/backtests").json()
    row = answer["data"][0]
    assert list(row)[:13] == COLUMNS
    assert (row["Return %"], row["Trades"], row["Data"]) == (12.34, 4, made.dataset.name)
    assert row["Time"] == made.created_at.strftime("%m/%d %H:%M")
    assert (row["id"], row["run"], row["verdict"]) == (made.pk, made.run_id, "not judged")
    assert answer["message"] == "Loaded 1 backtest results"


def test_it_says_how_the_idea_was_read(call: Call, workspace: Workspace) -> None:
    run, read = run_row(workspace), _read()
    for interpretation in ({}, read):
        Strategy.objects.filter(pk=result_of(run).strategy_id).update(interpretation=interpretation)
    rows = call("get", "/api/backtests").json()["data"]
    wanted = {name: read[name] for name in ("path", "rules", "assumptions", "not_understood")}
    assert [row["interpretation"] for row in rows] == [wanted, None]


def _read() -> dict[str, Any]:
    """As the draft stores it."""
    return {
        "path": "blueprint", "blueprint": "golden cross", "pieces": [], "alternatives": ["Turtle"],
        "rules": ["Buy when SMA(50) crosses over SMA(200)"],
        "assumptions": [{"name": "Stop", "value": "2 ATR", "why": "None was named."}],
        "not_understood": [{"text": "flurb", "start": 4, "end": 9, "hint": ""}],
    }  # fmt: skip


def test_it_sends_null_for_what_is_no_number_and_text_for_what_is_too_good(call: Call, workspace: Workspace) -> None:
    run = run_row(workspace)
    result_of(run, sharpe=None, return_pct=10_000.1)
    assert [call("get", "/api/backtests").json()["data"][0][name] for name in ("Sharpe Ratio", "Return %")] == [
        None,
        "10,000+%",
    ]


def test_it_leaves_what_is_too_good_out_of_averages(call: Call, workspace: Workspace) -> None:
    run = run_row(workspace)
    for value in (10.0, 20.0, 99_999.0):
        result_of(run, return_pct=value, sortino=2.0)
    stats = call("get", "/api/stats").json()
    assert (stats["total_backtests"], stats["avg_return"], stats["max_return"], stats["avg_sortino"]) == (3, 15, 20, 2)
    assert stats["unique_data_sources"] == 3


def test_it_leads_from_page_to_page_without_losing_or_repeating_a_row(call: Call, workspace: Workspace) -> None:
    run = run_row(workspace)
    made = [result_of(run).pk for number in range(5)]
    path, seen = "/api/backtests?limit=2", []
    while path:
        answer = call("get", path)
        seen += [row["id"] for row in answer.json()["data"]]
        assert answer.json()["total"] == 5
        link = answer.headers.get("Link", "")
        path = link.partition("<")[2].partition(">")[0]
    assert seen == made[::-1]


def test_it_narrows_to_a_run_by_name_or_id(call: Call, workspace: Workspace) -> None:
    other, run = run_row(workspace, name="other"), run_row(workspace, name="mine")
    result_of(other)
    wanted = result_of(run).pk
    for name in ("mine", run.pk):
        assert [row["id"] for row in call("get", f"/api/backtests?run={name}").json()["data"]] == [wanted]
    assert call("get", "/api/backtests?run=nobody").status_code == 404


def test_it_finds_the_backtests_of_a_day_in_utc(call: Call, workspace: Workspace) -> None:
    made = result_of(run_row(workspace))
    Result.objects.filter(pk=made.pk).update(created_at=datetime(2025, 12, 31, 23, 59, tzinfo=UTC))
    assert call("get", "/api/backtests/by-date/12-31-2025").json()["total"] == 1
    assert call("get", "/api/backtests/by-date/01-01-2026").json()["data"] == []
    for wrong in ("2025-12-31", "13-01-2025", "02-30-2025", "x"):
        assert call("get", f"/api/backtests/by-date/{wrong}").status_code == 422
    assert call("get", "/api/folders/dates").json()["dates"] == [{"name": "12-31-2025", "count": 1}]


@pytest.mark.parametrize(
    "path", ["/api/stats", "/api/backtests", "/api/backtests/by-date/12-31-2025", "/api/folders", "/api/folders/list"]
)
def test_it_shows_a_stranger_nothing(path: str, workspace: Workspace, strangers_call: Call) -> None:
    result_of(run_row(workspace))
    answer = strangers_call("get", path).json()
    assert answer["workspace"] == "sam-co"
    assert not answer.get("data", answer.get("folders", answer.get("total_backtests")))
    assert strangers_call("get", f"{path}?workspace={workspace.slug}").status_code == 404


def test_it_wants_the_scope(workspace: Workspace, olivia: User) -> None:
    call = caller(workspace, olivia, scopes=("data",))
    assert call("get", "/api/stats").status_code == 403
    assert call("get", "/api/data-status").status_code == 200
