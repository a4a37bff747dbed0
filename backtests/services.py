"""Starting, cancelling and deleting runs. Every deed is audited in its transaction.

An actor is a person at the portal, or the Principal of an API request: its key acts by its scope, its session by its
person's role.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F

from accounts import audit
from accounts.models import Workspace
from accounts.services.access import check_open, lock_workspace
from backtests import ending, quota
from backtests.asked import Asked, check_asked
from backtests.models import Dataset, Idea, Run
from backtests.rbi import intake
from billing.doers import Actor, Doer, access_row, access_workspace
from billing.wake import wake
from moondev.lib.clock import now
from moondev.lib.errors import Conflict, Forbidden, Invalid, NotFound

WORK = "backtests.tasks.work"


@transaction.atomic
def start_run(
    *,
    workspace: Workspace,
    actor: Actor,
    ideas: str,
    name: str = "",
    dataset_ids: Sequence[int] = (),
    settings: Mapping[str, Any] | None = None,
    options: Mapping[str, Any] | None = None,
    edits: Mapping[Any, Any] | None = None,
) -> Run:
    """Queue a run of ideas, one a line, on data sets (none: the usual one).

    `edits`: by an idea's place from 0, `{"specification": {...}, "parameters": {"rsi_period": 21}}`.
    Raises NotFound, Conflict (closed), QuotaExhausted and Invalid with every wrong field.
    """
    doer = access_workspace(actor, workspace)
    asked = check_asked(
        workspace=workspace, ideas=ideas, name=name, dataset_ids=dataset_ids, settings=settings or {},
        options=options or {}, edits=edits or {},
    )  # fmt: skip
    found = _lock_for_one_more(workspace)
    return _queue(found, doer, asked)


@transaction.atomic
def start_rerun(*, run: Run, actor: Actor) -> Run:
    """Queue a finished run once more: the same code, data, settings and seed give the same canonical results.

    Raises NotFound, Conflict (closed, not finished), QuotaExhausted and Invalid (a data set is gone).
    """
    doer = access_workspace(actor, run.workspace)
    found = _lock_for_one_more(run.workspace)
    # It is not deleted before there is a row that says that it is repeated.
    run = _lock_run(run)
    if not run.is_finished:
        raise Conflict("This run has not finished. Cancel it, or wait.")
    given = list(run.ideas.all())
    asked = Asked(
        name=run.name,
        entries=[intake.Entry(idea.kind, idea.text) for idea in given],
        datasets=_still_there(found, run),
        settings=run.settings,
        options=run.options,
        edits={idea.position: idea.edits for idea in given},
        seed=run.seed,
    )
    return _queue(found, doer, asked, rerun_of=run)


@transaction.atomic
def cancel_run(*, run: Run, actor: Actor) -> Run:
    """Stop a run: at once while it waits, within two seconds while it runs. A finished one stays as it is.

    Raises NotFound and Forbidden.
    """
    doer = access_row(actor, run, what="run")
    found = _lock_run(run)
    if found.is_finished:
        return found
    ending.cancel(found)
    _record("run.cancelled", found, doer)
    return found


@transaction.atomic
def set_run_shared(*, run: Run, actor: Actor, is_shared: bool) -> None:
    """Say whether every member may change a run and share its results, or only its maker, owners and admins.

    Raises NotFound, Forbidden (somebody else's run) and Conflict (closed).
    """
    doer = access_row(actor, run, what="run")
    found = _lock_run(run)
    check_open(found.workspace)
    if not doer.may_share(found):
        raise Forbidden("Only who started a run, an owner or an admin may say whether it is shared.")
    # What the page shows depends on it too.
    rows = Run.objects.filter(pk=found.pk).exclude(is_shared=is_shared)
    if rows.update(is_shared=is_shared, version=F("version") + 1):
        _record("run.shared" if is_shared else "run.unshared", found, doer)


@transaction.atomic
def delete_run(*, run: Run, actor: Actor) -> None:
    """Delete a finished run with its results and files.

    Raises NotFound, Forbidden and Conflict (not finished, or another that repeats it is not).
    """
    doer = access_row(actor, run, what="run")
    found = _lock_run(run)
    if not found.is_finished:
        raise Conflict("This run has not finished. Cancel it first.")
    if found.is_being_repeated:
        raise Conflict("A run that repeats this one has not finished and needs its code. Cancel that one, or wait.")
    _record("run.deleted", found, doer)
    ending.remove(found)


def newest_of(workspace: Workspace | int, name: str) -> Run | None:
    """The newest run of a name: two of one name do not collide."""
    found: Run | None = Run.objects.for_workspace(workspace).filter(name=name).order_by("-created_at", "id").first()
    return found


def _lock_for_one_more(workspace: Workspace) -> Workspace:
    """The workspace's row, locked, when it is open and its plan has room for a run today, which is counted."""
    found = lock_workspace(workspace)
    check_open(found)
    quota.take_one(found)
    return found


def _queue(workspace: Workspace, doer: Doer, asked: Asked, *, rerun_of: Run | None = None) -> Run:
    run = Run.objects.create(
        workspace=workspace,
        name=asked.name or f"run-{now():%Y%m%d-%H%M%S}",
        created_by=doer.user,
        key_label=doer.key_label[:60],
        settings=asked.settings,
        options={**asked.options, "datasets": [row.pk for row in asked.datasets]},
        seed=asked.seed,
        progress={"done": 0, "of": len(asked.entries), "says": "Waits for a worker", "stage": "", "idea": 0},
        rerun_of=rerun_of,
    )
    run.datasets.set(asked.datasets)
    Idea.objects.bulk_create(
        Idea(
            workspace=workspace, run=run, position=place, text=entry.text, kind=entry.kind,
            edits=asked.edits.get(place, {}),
        )
        for place, entry in enumerate(asked.entries)
    )  # fmt: skip
    _record("run.started", run, doer, ideas=len(asked.entries), rerun_of=rerun_of.pk if rerun_of else None)
    wake(WORK)
    return run


def _still_there(workspace: Workspace, run: Run) -> list[Dataset]:
    wanted = datasets_of(run)
    usable = set(Dataset.objects.for_workspace(workspace).ready().filter(runs=run).values_list("pk", flat=True))
    for dataset in wanted:
        if dataset.pk not in usable:
            raise Invalid.field("/datasets", f"“{dataset.name}” was deleted, so this run cannot be repeated.")
    return wanted


def datasets_of(run: Run) -> list[Dataset]:
    """A run's data sets in the order in which they were named; the first is the one that ideas are repaired on."""
    order = {pk: place for place, pk in enumerate(run.options.get("datasets", []))}
    return sorted(run.datasets.all(), key=lambda row: (order.get(row.pk, len(order)), row.pk))


def _lock_run(run: Run) -> Run:
    rows = Run.objects.select_for_update(of=("self",)).select_related("workspace")
    found: Run | None = rows.filter(pk=run.pk, workspace=run.workspace_id).first()
    if found is None:
        raise NotFound("There is no such run.")
    return found


def _record(action: str, run: Run, doer: Doer, **data: Any) -> None:
    audit.record(
        action=action, workspace=run.workspace, actor=doer.user, actor_label=doer.label, target=run.name, run=run.pk,
        **data,
    )  # fmt: skip
