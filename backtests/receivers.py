"""What backtests do when something below them changes: news from accounts.

A closed workspace's runs stop; reopening brings none of them back, for nobody waits for them any more.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction

from accounts.models import Workspace
from accounts.signals import workspace_closing, workspace_erasing
from backtests import artefacts, ending
from backtests.datasets import frames
from backtests.models import Dataset, Folder, Result, Run, RunDay, Spend, Strategy, Upload
from moondev.lib.commit import after_commit


def cancel_runs(sender: object, *, workspace: Workspace, **_: Any) -> None:
    """The workspace was closed: what waits ends at once, what runs within two seconds."""
    with transaction.atomic():
        rows = Run.objects.for_workspace(workspace).unfinished().select_for_update(of=("self",)).order_by("pk")
        for run in rows.select_related("workspace"):
            ending.cancel(run)


def erase(sender: object, *, workspace: Workspace, **_: Any) -> None:
    """Runs, results and data sets go with their files. Sent inside the transaction; files go once it is committed."""
    folder = artefacts.workspace_folder(workspace)
    held = list(Dataset.objects.filter(workspace=workspace))
    for model in (Folder, Result, Run, Strategy, Spend, RunDay, Upload, Dataset):
        model._base_manager.filter(workspace=workspace).delete()
    if folder != artefacts.ROOT:
        after_commit(lambda: artefacts.delete_folder(folder))
    for dataset in held:
        after_commit(lambda gone=dataset: frames.forget(gone))  # type: ignore[misc]


def connect() -> None:
    """Called once, when the app starts."""
    workspace_closing.connect(cancel_runs, dispatch_uid="backtests.receivers.workspace_closing")
    workspace_erasing.connect(erase, dispatch_uid="backtests.receivers.workspace_erasing")
