"""A page asks the database as often for thirty rows as for one."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Member, User, Workspace
from backtests.models import Folder, FolderEntry, Share
from gateway.keys.services import create_key
from gateway.models import Usage
from moondev.lib import clock
from tests.backtests.making import finished, idea_row, result_row, stage_row, strategy_row
from tests.cast import person, workspace_of
from tests.portal.alerts.rows import alert_row, fire, give_up, place_row
from tests.portal.conftest import invite_row, open_session, put_on_pro

pytestmark = pytest.mark.slow(0.5)

MOST = {
    "/portal/": 21,
    "/portal/keys/": 14,
    "/portal/usage/": 15,
    "/portal/team/": 11,
    "/portal/quickstart/": 12,
    "/portal/plans/": 14,
    "/portal/alerts/": 16,
    "/portal/alerts/destinations/": 12,
    "/portal/alerts/new/": 16,
    "/portal/backtests/": 18,
    "/portal/backtests/board/": 14,
    "/portal/backtests/folders/": 12,
    "/portal/backtests/links/": 14,
    "/portal/backtests/data/": 16,
    "/portal/backtests/new/": 16,
}


def queries(browser: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(path).status_code == 200
    return len(captured)


def fill(team: Workspace, by: User, number: int) -> None:
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    for n in range(number):
        key, _ = create_key(workspace=team, actor=by, name=f"key {n}")
        Usage.objects.create(hour=hour, workspace_id=team.pk, key_id=key.pk, endpoint="/x", status_class=2, requests=1)
        Member.objects.create(workspace=team, user=person(f"p{key.pk}"))
        invite_row(team, by, f"i{key.pk}@example.com")
        give_up(fire(alert_row(team, by)), place_row(team, by))
        result = finished(team, by)
        folder = Folder.objects.create(workspace=team, name=f"Folder {result.pk}", created_by=by)
        FolderEntry.objects.create(folder=folder, result=result)
        Share.objects.create(workspace=team, result=result, created_by=by)


@pytest.fixture(scope="class")
def asked(shared_db: None) -> dict[str, tuple[int, int]]:
    """What each page asks for one row of everything, and for thirteen."""
    olivia = person("Olivia")
    team, browser = workspace_of(olivia), open_session(olivia)
    put_on_pro(team)
    fill(team, olivia, 1)
    for path in MOST:
        browser.get(path)
    few = {path: queries(browser, path) for path in MOST}
    fill(team, olivia, 12)
    return {path: (few[path], queries(browser, path)) for path in MOST}


class TestLists:
    @pytest.mark.parametrize("path", MOST)
    def test_it_asks_no_more_for_many_rows_than_for_one(self, path: str, asked: dict[str, tuple[int, int]]) -> None:
        few, many = asked[path]
        assert many == few
        assert few <= MOST[path]


def test_an_alert_asks_no_more_for_a_long_history(owner: Client, team: Workspace, olivia: User) -> None:
    alert, place = alert_row(team, olivia), place_row(team, olivia)
    give_up(fire(alert), place)
    path = f"/portal/alerts/{alert.pk}/"
    owner.get(path)
    few = queries(owner, path)
    for _ in range(12):
        give_up(fire(alert), place)
    assert queries(owner, path) == few
    assert few <= 21


def test_a_run_asks_no_more_for_many_ideas_and_results(owner: Client, team: Workspace, olivia: User) -> None:
    result = finished(team, olivia)
    path = f"/portal/backtests/runs/{result.run_id}/"
    owner.get(path)
    few = queries(owner, path)
    for _ in range(8):
        idea = idea_row(result.run)
        stage_row(idea, "intake")
        result_row(idea, strategy_row(idea), result.dataset)
    assert queries(owner, path) == few
    assert few <= 21


def test_a_running_run_costs_little_while_nothing_changes(owner: Client, team: Workspace, olivia: User) -> None:
    path = f"/portal/backtests/runs/{finished(team, olivia).run_id}/live/"
    tag = owner.get(path)["ETag"]
    with CaptureQueriesContext(connection) as captured:
        assert owner.get(path, headers={"If-None-Match": tag}).status_code == 304
    assert sum("backtests_" in query["sql"] for query in captured) == 1
