"""Runs on the portal: list, one run, its steps, and what buttons do."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry, User, Workspace
from backtests.models import Result, Run, Stage, Status
from moondev.lib.queue import State
from tests.backtests.making import finished, idea_row, run_row, stage_row
from tests.cast import give_second_factor
from tests.portal.backtests.conftest import Text
from tests.portal.backtests.rows import backtest_ids
from tests.portal.conftest import Login
from tests.portal.walk import PAGES, address

LIST = "/portal/backtests/"


def page_of(run: Run) -> str:
    return f"{LIST}runs/{run.pk}/"


def running(workspace: Workspace, by: User) -> Run:
    progress = {"done": 1, "of": 4, "says": "Runs on BTC", "lines": [["12:00:01", "Reading the idea"]]}
    values = {"status": Status.RUNNING, "state": State.WAITING, "finished_at": None, "progress": progress}
    run = run_row(workspace, by, name="under way", **values)
    idea_row(run)
    return run


def test_it_invites_to_a_first_run(owner: Client, text: Text) -> None:
    page = text(owner, LIST)
    assert "No backtest yet" in page
    assert "50 of 50 runs left today" in page


def test_it_lists_runs_with_how_far_they_are(owner: Client, team: Workspace, olivia: User, text: Text) -> None:
    running(team, olivia)
    finished(team, olivia)
    page = text(owner, LIST)
    for words in ("under way", "Runs on BTC", 'value="25"', "my-run", "Complete"):
        assert words in page


def test_it_narrows_the_list(owner: Client, mate: Client, team: Workspace, olivia: User, text: Text) -> None:
    running(team, olivia)
    finished(team, olivia)
    assert "my-run" not in text(owner, f"{LIST}?status=running")
    assert "under way" not in text(owner, f"{LIST}?q=my-")
    assert "under way" in text(owner, f"{LIST}?q=crosses+over")
    assert "No run matches" in text(mate, f"{LIST}?mine=on")


def test_it_follows_a_run_and_stops_when_it_is_over(owner: Client, team: Workspace, olivia: User) -> None:
    run = running(team, olivia)
    live = f"{page_of(run)}live/"
    first = owner.get(live)
    assert "Reading the idea" in first.content.decode()
    assert "data-poll-over" not in first.content.decode()
    assert owner.get(live, headers={"If-None-Match": first["ETag"]}).status_code == 304
    Run.objects.filter(pk=run.pk).update(version=run.version + 1, status=Status.COMPLETE)
    last = owner.get(live, headers={"If-None-Match": first["ETag"]})
    assert last.status_code == 200
    assert "data-poll-over" in last.content.decode()


def test_it_asks_five_rows_and_writes_nothing_while_nothing_changed(
    owner: Client, team: Workspace, olivia: User, django_assert_num_queries: Callable[[int], CaptureQueriesContext]
) -> None:
    live = f"{page_of(running(team, olivia))}live/"
    tag = owner.get(live)["ETag"]
    # The session, its person, when it was seen, their membership, the run.
    with django_assert_num_queries(5) as asked:
        assert owner.get(live, headers={"If-None-Match": tag}).status_code == 304
    assert {query["sql"].partition(" ")[0] for query in asked.captured_queries} == {"SELECT"}


def test_it_shows_results_stages_and_what_went_wrong(owner: Client, result: Result, text: Text) -> None:
    idea = idea_row(result.run, text="Flurb the gnarl", status=Status.ERROR, error_text="Not understood: “flurb”.")
    stage_row(idea, "draft", state="failed", error_text="Not understood: “flurb”.")
    page = text(owner, page_of(result.run))
    for words in ("Cross", "+12.34 %", "Idea 2", "Not understood: “flurb”.", "Failed", "commission 0.001"):
        assert words in page


def test_it_shows_what_a_step_was_given_made_and_wrote(owner: Client, result: Result, text: Text) -> None:
    made = {"fixed": True, "notes": ["x"], "strategy": result.strategy_id}
    stage = stage_row(result.idea, "debug", number=2, given={"code": "a = 1\nb = 2"}, made=made, log="<b>")
    page = text(owner, f"{page_of(result.run)}stages/{stage.pk}/")
    for words in ("Repair 2", "a = 1\nb = 2", "yes", "<li>x</li>", "<b>", "class Cross(Strategy)"):
        assert words in page


def test_it_shows_a_step_below_its_own_run_only(owner: Client, team: Workspace, olivia: User, result: Result) -> None:
    stage = Stage.objects.filter(run=finished(team, olivia).run).first()
    assert stage
    assert owner.get(f"{page_of(result.run)}stages/{stage.pk}/").status_code == 404


def test_it_cancels_a_run(owner: Client, team: Workspace, olivia: User, text: Text) -> None:
    run = running(team, olivia)
    assert "The run is cancelled." in text(owner, f"{page_of(run)}cancel/", {})
    run.refresh_from_db()
    assert run.status == Status.CANCELLED
    assert AuditEntry.objects.filter(action="run.cancelled", actor=olivia).exists()


def test_it_runs_again_on_the_same_inputs(owner: Client, result: Result, text: Text) -> None:
    assert "It runs once more" in text(owner, f"{page_of(result.run)}rerun/", {})
    again = Run.objects.get(rerun_of=result.run)
    assert again.seed == result.run.seed
    assert "An earlier run" in text(owner, page_of(again))


def test_it_says_why_a_run_cannot_be_repeated(owner: Client, team: Workspace, olivia: User, text: Text) -> None:
    run = running(team, olivia)
    assert "This run has not finished." in text(owner, f"{page_of(run)}rerun/", {})


def test_it_deletes_a_run_with_its_results(owner: Client, result: Result, text: Text) -> None:
    assert "1 result" in text(owner, f"{page_of(result.run)}delete/")
    assert "is deleted with its results" in text(owner, f"{page_of(result.run)}delete/", {})
    assert not Result.objects.exists()


def test_a_member_changes_their_own_run_and_a_shared_one(
    mate: Client, team: Workspace, olivia: User, max: User
) -> None:
    own, shared, hers = running(team, max), running(team, olivia), running(team, olivia)
    Run.objects.filter(pk=shared.pk).update(is_shared=True)
    assert [mate.post(f"{page_of(run)}cancel/").status_code for run in (own, shared, hers)] == [302, 302, 403]


def test_whoever_started_a_run_shares_it_with_members(
    owner: Client, mate: Client, team: Workspace, olivia: User, max: User, text: Text
) -> None:
    run, own = running(team, olivia), running(team, max)
    assert mate.post(f"{page_of(run)}sharing/", {"is_shared": "on"}).status_code == 403
    assert "Share with members" not in text(mate, page_of(run))
    assert "Members may change this run now." in text(mate, f"{page_of(own)}sharing/", {"is_shared": "on"})
    assert "Share with members" in text(owner, page_of(run))
    text(owner, f"{page_of(run)}sharing/", {"is_shared": "on"})
    assert "Every member" in text(mate, page_of(run))
    # A shared run is everybody's to change, but not to take from the others.
    assert mate.post(f"{page_of(run)}sharing/", {}).status_code == 403
    text(owner, f"{page_of(run)}sharing/", {})
    assert mate.post(f"{page_of(run)}cancel/").status_code == 403
    done = AuditEntry.objects.filter(action__endswith="shared", data__run=run.pk).order_by("pk")
    assert list(done.values_list("action", flat=True)) == ["run.shared", "run.unshared"]


def test_staff_who_look_see_no_button(
    rita: User, team: Workspace, olivia: User, result: Result, login: Login, text: Text
) -> None:
    give_second_factor(rita)
    browser = login(rita)
    session = browser.session
    session["acting_as"] = team.pk
    session.save()
    ids = backtest_ids(team, olivia)
    for page in PAGES:
        if not page.route.startswith("backtests/") or "GET" not in page.methods or "download" in page.name:
            continue
        answer = browser.get(address(page, ids))
        if answer["Content-Type"].startswith("text/html") and answer.status_code == 200:
            inside = answer.content.decode().partition("<main")[2].partition("</main>")[0]
            assert 'method="post"' not in inside, page.name
