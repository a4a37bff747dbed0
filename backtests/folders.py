"""Folders of results. Every deed is audited in its transaction and done under the lock of the workspace's row.

An actor is a person at the portal, or the Principal of an API request.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from accounts import audit
from accounts.models import Workspace
from accounts.services.access import check_open, lock_workspace
from backtests.models import Folder, FolderEntry, Result
from backtests.names import check_carried, tidy
from billing.doers import Actor, access_row, access_workspace
from moondev.lib.errors import Conflict, Invalid, NotFound

LONGEST_NAME = 60
MOST_FOLDERS = 500
MOST_RESULTS = 2_000


@transaction.atomic
def create_folder(*, workspace: Workspace, actor: Actor, name: str, is_shared: bool = True) -> Folder:
    """Make an empty folder. Raises NotFound, Conflict (closed, too many, the name is taken) and Invalid."""
    doer = access_workspace(actor, workspace)
    found = lock_workspace(workspace)
    check_open(found)
    if Folder.objects.for_workspace(found).count() >= MOST_FOLDERS:
        raise Conflict(f"A workspace has at most {MOST_FOLDERS} folders. Delete one first.")
    name = _checked_name(found, name)
    folder = Folder.objects.create(workspace=found, name=name, created_by=doer.user, is_shared=is_shared)
    audit.record(action="folder.created", workspace=found, actor=doer.user, actor_label=doer.label, target=name)
    return folder


@transaction.atomic
def rename_folder(*, folder: Folder, actor: Actor, name: str) -> Folder:
    """Raises NotFound, Forbidden, Conflict (closed, the name is taken) and Invalid."""
    doer = access_row(actor, folder, what="folder")
    found = lock_workspace(folder.workspace_id)
    check_open(found)
    before, folder.name = folder.name, _checked_name(found, name, but=folder)
    folder.save(update_fields=["name"])
    audit.record(
        action="folder.renamed", workspace=found, actor=doer.user, actor_label=doer.label, target=folder.name,
        before=before,
    )  # fmt: skip
    return folder


@transaction.atomic
def delete_folder(*, folder: Folder, actor: Actor) -> None:
    """Delete a folder; its results stay. Raises NotFound and Forbidden."""
    doer = access_row(actor, folder, what="folder")
    folder.delete()
    audit.record(
        action="folder.deleted", workspace=folder.workspace, actor=doer.user, actor_label=doer.label,
        target=folder.name,
    )  # fmt: skip


@transaction.atomic
def add_results(*, folder: Folder, actor: Actor, results: Iterable[int]) -> int:
    """Put results of the workspace into a folder and return how many are new there; one that is in it stays once.

    Raises NotFound (also for a result of somebody else), Forbidden and Conflict (closed, full).
    """
    access_row(actor, folder, what="folder")
    found = lock_workspace(folder.workspace_id)
    check_open(found)
    wanted = list(dict.fromkeys(results))
    if Result.objects.for_workspace(found).filter(pk__in=wanted).count() != len(wanted):
        raise NotFound("There is no such result.")
    held = set(folder.entries.values_list("result_id", flat=True))
    new = [pk for pk in wanted if pk not in held]
    if len(held) + len(new) > MOST_RESULTS:
        raise Conflict(f"A folder holds at most {MOST_RESULTS:,} results.")
    FolderEntry.objects.bulk_create(FolderEntry(folder=folder, result_id=pk) for pk in new)
    return len(new)


@transaction.atomic
def remove_results(*, folder: Folder, actor: Actor, results: Iterable[int]) -> int:
    """Take results out of a folder and return how many were in it. Raises NotFound and Forbidden."""
    access_row(actor, folder, what="folder")
    return folder.entries.filter(result__in=list(results)).delete()[0]


def _checked_name(workspace: Workspace, name: str, but: Folder | None = None) -> str:
    """The name without needless spaces, if no other folder of the workspace has it."""
    name = tidy(name)
    if not name or len(name) > LONGEST_NAME:
        raise Invalid.field("/name", f"Give the folder a name of 1 to {LONGEST_NAME} characters.")
    check_carried(name, "/name")
    others = Folder.objects.for_workspace(workspace).exclude(pk=but.pk if but else None)
    if others.filter(name=name).exists():
        raise Conflict(f"There is a folder “{name}” already. Choose another name.")
    return name
