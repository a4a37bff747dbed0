"""Results side by side and in one table."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import User, Workspace
from backtests.models import Result
from tests.backtests.making import dataset_row, finished
from tests.portal.backtests.conftest import Text

BOARD = "/portal/backtests/board/"


@pytest.fixture
def three(team: Workspace, olivia: User) -> list[Result]:
    """A good one, a bad one and one without trades, on one data set."""
    dataset = dataset_row(team, olivia)
    values: list[dict[str, Any]] = [
        {"return_pct": 5.0, "trades": 30, "name": "first"},
        {"return_pct": -2.0, "trades": 90, "name": "second", "lookahead": "suspect"},
        {"return_pct": None, "trades": 0, "name": "third"},
    ]
    return [finished(team, olivia, dataset=dataset, **given) for given in values]


def order_of(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'/results/(\d+)/">', page)]


@pytest.mark.parametrize(
    ("query", "order"),
    [
        ("", [0, 1, 2]),
        ("?sort=return", [1, 0, 2]),
        ("?sort=-trades", [1, 0, 2]),
        ("?sort=trades", [2, 0, 1]),
        ("?sort=nonsense", [0, 1, 2]),
        ("?sort=-time", [2, 1, 0]),
        ("?lookahead=suspect", [1]),
        ("?trades=1", [0, 1]),
        ("?q=thi", [2]),
    ],
)
def test_it_sorts_and_narrows_the_board(
    query: str, order: list[int], owner: Client, three: list[Result], text: Text
) -> None:
    assert order_of(text(owner, BOARD + query)) == [three[place].pk for place in order]


def test_it_says_by_what_the_board_is_sorted(owner: Client, three: list[Result], text: Text) -> None:
    page = text(owner, f"{BOARD}?sort=-sharpe&trades=1")
    assert 'aria-sort="descending"' in page
    assert "?sort=sharpe&trades=1" in page


def test_it_lists_nothing_of_others(
    owner: Client, stranger: Client, strangers_workspace: Workspace, three: list[Result], text: Text
) -> None:
    assert "No result yet" in text(stranger, BOARD)
    assert "Nothing to compare" in text(stranger, f"/portal/backtests/compare/?id={three[0].pk}")
    series = stranger.get("/portal/backtests/compare/series/", {"id": three[0].pk})
    assert series.json() == {"lines": []}


def test_it_compares_in_the_order_that_was_asked_for(owner: Client, three: list[Result], text: Text) -> None:
    ids = [three[1].pk, three[0].pk]
    page = text(owner, "/portal/backtests/compare/?" + "&".join(f"id={pk}" for pk in ids))
    assert order_of(page) == ids
    found = owner.get("/portal/backtests/compare/series/", {"id": ids}).json()["lines"]
    assert [line["id"] for line in found] == ids
    assert found[0]["values"][0] == 0.0


def test_it_compares_six_at_most(owner: Client, team: Workspace, olivia: User, three: list[Result]) -> None:
    more = [finished(team, olivia, dataset=three[0].dataset) for _ in range(4)]
    ids = [row.pk for row in [*three, *more]]
    found = owner.get("/portal/backtests/compare/series/", {"id": [*map(str, ids), "x", "9" * 30]}).json()["lines"]
    assert [line["id"] for line in found] == ids[:6]
