"""Starting, cancelling and deleting runs: what is refused, what is counted, who may."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.models import AuditEntry, User, Workspace
from accounts.services.erasure import erase_workspace
from accounts.services.export import export_workspace_data
from accounts.services.workspaces import close_workspace
from backtests import artefacts, quota, retention, services
from backtests.datasets import builtin, usual
from backtests.models import Dataset, Result, Run, Spend, Status
from backtests.rbi.intake import read
from billing.models import Plan
from billing.principal import Principal
from moondev.lib.errors import Conflict, Forbidden, Invalid, NotFound, QuotaExhausted
from moondev.lib.queue import State
from tests.backtests.making import finished
from tests.backtests.pipeline import ideas
from tests.backtests.pipeline.conftest import Finish, Start


def pointers(error: pytest.ExceptionInfo[Invalid]) -> set[str]:
    return {found.pointer for found in error.value.errors}


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("buy low\n\n# a comment\n- sell high\n2. hold", ["words", "words", "words"]),
        ("https://example.com/a.pdf\n[a page](https://example.com/b)", ["link", "link"]),
        (ideas.CODE, ["code"]),
        (f"Sure:\n```python\n{ideas.CODE}```\nEnjoy!", ["code"]),
        (ideas.SPECIFICATION, ["specification"]),
        ("# nothing\n\n", []),
    ],
)
def test_it_reads_ideas_one_a_line(text: str, kinds: list[str]) -> None:
    assert [entry.kind for entry in read(text)] == kinds


def test_it_names_every_wrong_field_at_once(start: Start) -> None:
    with pytest.raises(Invalid) as error:
        start(
            "# only a comment", name="x" * 81, dataset_ids=[0], settings={"cash": -1, "colour": "red"},
            options={"cells": 10_000, "magic": True, "objective": "luck"},
            edits={"0": {"parameters": {"fast": "many"}}},
        )  # fmt: skip
    assert pointers(error) == {
        "/ideas", "/run_name", "/datasets", "/settings/cash", "/settings/colour", "/options/cells", "/options/magic",
        "/options/objective", "/edits/0/parameters/fast",
    }  # fmt: skip
    assert not Run.objects.exists()


@pytest.mark.parametrize("text", ["an idea\n" * 21, "x" * 2_001, "null \x00 character", "half \ud800 a character"])
def test_it_refuses_ideas_that_are_too_many_too_long_or_no_text(start: Start, text: str) -> None:
    with pytest.raises(Invalid) as error:
        start(text)
    assert pointers(error) == {"/ideas"}


def test_it_refuses_a_data_set_whose_faults_nobody_has_accepted(start: Start, bars: Dataset) -> None:
    Dataset.objects.filter(pk=bars.pk).update(needs_decision=True)
    with pytest.raises(Invalid, match="accept or repair") as error:
        start(ideas.RULES)
    assert pointers(error) == {"/datasets"}


def test_it_takes_the_usual_data_set_when_none_is_named(start: Start) -> None:
    builtin.seed()
    run = start(ideas.RULES, dataset_ids=[])
    assert [row.name for row in services.datasets_of(run)] == [usual.DEFAULT]


def test_it_knows_a_strangers_data_set_as_little_as_none(start: Start, strangers_workspace: Workspace) -> None:
    theirs = finished(strangers_workspace).dataset
    with pytest.raises(Invalid, match=f"There is no data set {theirs.pk}"):
        start(ideas.RULES, dataset_ids=[theirs.pk])


def test_it_starts_exactly_as_many_runs_as_the_plan_has(workspace: Workspace, olivia: User, bars: Dataset) -> None:
    def begin(_: int) -> bool:
        try:
            services.start_run(workspace=workspace, actor=olivia, ideas=ideas.RULES, dataset_ids=[bars.pk])
        except QuotaExhausted:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        started = list(pool.map(begin, range(50)))
    assert (sum(started), Run.objects.count(), quota.used_today(workspace)) == (3, 3, 3)


def test_it_gives_no_run_back_for_a_deleted_one(start: Start, olivia: User) -> None:
    for run in [start(ideas.RULES) for _ in range(3)]:
        services.delete_run(run=services.cancel_run(run=run, actor=olivia), actor=olivia)
    with pytest.raises(QuotaExhausted):
        start(ideas.RULES)


def test_it_cancels_a_waiting_run_at_once(start: Start, olivia: User, finish: Finish) -> None:
    run = start(ideas.RULES)
    services.cancel_run(run=run, actor=olivia)
    run.refresh_from_db()
    assert (run.status, run.state, run.ideas.get().status) == (Status.CANCELLED, State.DONE, Status.CANCELLED)
    assert run.progress["says"] == "It was cancelled"
    assert finish() == []
    assert AuditEntry.objects.filter(action="run.cancelled", data__run=run.pk).exists()


def test_it_leaves_a_finished_run_as_it_is(workspace: Workspace, olivia: User, transactional_db: None) -> None:
    run = finished(workspace).run
    assert services.cancel_run(run=run, actor=olivia).status == Status.COMPLETE


def test_it_lets_members_cancel_their_own_and_shared_runs_only(start: Start, max: User, sam: User) -> None:
    run = start(ideas.RULES)
    with pytest.raises(Forbidden):
        services.cancel_run(run=run, actor=max)
    with pytest.raises(NotFound):
        services.cancel_run(run=run, actor=sam)
    Run.objects.filter(pk=run.pk).update(is_shared=True)
    assert services.cancel_run(run=Run.objects.get(pk=run.pk), actor=max).status == Status.CANCELLED


def test_it_lets_no_stranger_start_a_run(start: Start, sam: User) -> None:
    with pytest.raises(NotFound):
        start(ideas.RULES, actor=sam)


def test_it_writes_down_which_key_started_a_run(start: Start, workspace: Workspace) -> None:
    from billing import limits

    terms = limits.terms_of(workspace)
    key = Principal(workspace.pk, workspace.slug, terms, frozenset({"backtests"}), 60, key_id=1, key_alias="ab12")
    run = start(ideas.RULES, actor=key)
    assert (run.created_by, run.key_label) == (None, "API key ab12")


def test_it_deletes_no_run_that_is_under_way(start: Start, olivia: User) -> None:
    with pytest.raises(Conflict, match="Cancel it first"):
        services.delete_run(run=start(ideas.RULES), actor=olivia)


def test_it_answers_for_the_newest_run_of_a_name(start: Start, workspace: Workspace) -> None:
    start(ideas.RULES, name="twice")
    newest = start(ideas.RULES, name="twice")
    assert services.newest_of(workspace, "twice") == newest
    assert services.newest_of(workspace, "never") is None


def test_it_refuses_to_repeat_what_has_not_finished_or_lost_its_data(
    start: Start, olivia: User, workspace: Workspace
) -> None:
    with pytest.raises(Conflict):
        services.start_rerun(run=start(ideas.RULES), actor=olivia)
    result = finished(workspace)
    Dataset.objects.filter(pk=result.dataset_id).update(deleted_at=result.created_at)
    with pytest.raises(Invalid, match="was deleted"):
        services.start_rerun(run=result.run, actor=olivia)


def test_it_keeps_a_run_as_long_as_another_repeats_it(
    transactional_db: None, workspace: Workspace, olivia: User, finish: Finish
) -> None:
    first = finished(workspace, olivia).run
    again = services.start_rerun(run=first, actor=olivia)
    with pytest.raises(Conflict, match="Cancel that one, or wait"):
        services.delete_run(run=first, actor=olivia)
    Run.objects.filter(pk=first.pk).update(finished_at=first.created_at - timedelta(days=400))
    Plan.objects.filter(name="free").update(run_retention_days=30)
    assert retention.prune() == 0
    services.cancel_run(run=again, actor=olivia)
    services.delete_run(run=first, actor=olivia)
    assert list(Run.objects.all()) == [again]


def test_it_repeats_no_run_that_was_just_deleted(start: Start, workspace: Workspace, olivia: User) -> None:
    run = finished(workspace, olivia).run
    services.delete_run(run=Run.objects.get(pk=run.pk), actor=olivia)
    with pytest.raises(NotFound):
        services.start_rerun(run=run, actor=olivia)


def test_it_cancels_the_runs_of_a_workspace_that_closes(
    start: Start, workspace: Workspace, olivia: User, finish: Finish
) -> None:
    run = start(ideas.RULES)
    close_workspace(workspace=workspace, actor=olivia)
    run.refresh_from_db()
    assert run.status == Status.CANCELLED
    with pytest.raises(Conflict):
        start(ideas.RULES)


def test_it_erases_rows_and_files_with_the_workspace(
    transactional_db: None, workspace: Workspace, olivia: User, strangers_workspace: Workspace
) -> None:
    mine, theirs = finished(workspace, olivia), finished(strangers_workspace)
    Spend.objects.create(workspace=workspace, run=mine.run, stage="draft", model="m", tokens_in=1, tokens_out=1)
    folder, bars = artefacts.run_folder(mine.run), mine.dataset.path
    close_workspace(workspace=workspace, actor=olivia)
    assert erase_workspace(workspace_id=workspace.pk)
    assert list(Result.objects.all()) == [theirs]
    assert not Dataset.objects.filter(workspace=workspace).exists()
    assert not artefacts.store().exists(folder)
    # The stranger has the same bars, and one file serves both.
    assert artefacts.store().exists(bars)


def test_it_gives_a_workspace_its_backtests_to_take_along(
    transactional_db: None, workspace: Workspace, olivia: User
) -> None:
    result = finished(workspace, olivia)
    part: dict[str, Any] = export_workspace_data(workspace=workspace, actor=olivia)["backtests"]
    assert [row["id"] for row in part["results"]] == [result.pk]
    assert part["strategies"][0]["code"] == result.strategy.code
    assert part["runs"][0]["created_by"] == olivia.email
