"""The same calls by a session: whoever is signed in acts in the workspace that they chose."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.current import CHOSEN
from accounts.models import Member, Role, User, Workspace
from backtests.models import Run, Status
from tests.backtests.api.conftest import result_of
from tests.backtests.making import dataset_row, run_row

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def second(workspace: Workspace, olivia: User) -> Workspace:
    """Another workspace of olivia's."""
    made = Workspace.objects.create(slug="olivia-two", name="Olivia Two")
    Member.objects.create(workspace=made, user=olivia, role=Role.OWNER)
    return made


def browser_of(user: User, chosen: Workspace | None = None) -> Client:
    browser = Client()
    browser.force_login(user, backend=BACKEND)
    if chosen:
        session = browser.session
        session[CHOSEN] = chosen.pk
        session.save()
    return browser


def test_it_answers_for_the_workspace_that_a_session_chose(
    workspace: Workspace, second: Workspace, olivia: User
) -> None:
    ids = {place.slug: result_of(run_row(place)).pk for place in (workspace, second)}
    for chosen in (workspace, second):
        answer = browser_of(olivia, chosen).get("/api/backtests").json()
        assert (answer["workspace"], [row["id"] for row in answer["data"]]) == (chosen.slug, [ids[chosen.slug]])


def test_it_takes_the_workspace_of_the_query_if_the_person_belongs_to_it(
    workspace: Workspace, second: Workspace, strangers_workspace: Workspace, olivia: User
) -> None:
    browser = browser_of(olivia, workspace)
    assert browser.get(f"/api/stats?workspace={second.slug}").json()["workspace"] == second.slug
    assert browser.get("/api/stats").json()["workspace"] == workspace.slug
    for name in (strangers_workspace.slug, "nobody", "default"):
        assert browser.get(f"/api/stats?workspace={name}").status_code == 404


def test_it_starts_and_cancels_in_the_name_of_a_person(workspace: Workspace, olivia: User, max: User) -> None:
    dataset_row(workspace, olivia, name="Bars")
    body = {"ideas": "buy when RSI(14) crosses below 30", "run_name": "hers", "datasets": ["Bars"]}
    answer = browser_of(olivia).post("/api/backtest/run", body, content_type="application/json")
    run = Run.objects.get()
    assert (answer.json()["id"], run.created_by, run.key_label) == (run.pk, olivia, "")
    assert browser_of(max).post("/api/backtest/cancel/hers").status_code == 403
    assert browser_of(olivia).post("/api/backtest/cancel/hers").json()["id"] == run.pk
    assert Run.objects.get(pk=run.pk).status == Status.CANCELLED


def test_it_lets_nobody_in_without_a_session(workspace: Workspace) -> None:
    assert Client().get("/api/stats").status_code == 401
