"""One of everything that an address of these pages can name."""

from __future__ import annotations

from accounts.models import User, Workspace
from backtests.models import Folder, FolderEntry, Share
from tests.backtests.making import dataset_row, finished, stage_row


def backtest_ids(workspace: Workspace, by: User) -> dict[str, int | str]:
    """By the names that addresses have for their ids."""
    result = finished(workspace, by)
    folder = Folder.objects.create(workspace=workspace, name="Best", created_by=by, is_shared=False)
    FolderEntry.objects.create(folder=folder, result=result)
    share = Share.objects.create(workspace=workspace, result=result, created_by=by)
    # Not the one that the result stands on, so that deleting it takes nothing from the others.
    dataset = dataset_row(workspace, by, name="Spare")
    stage = stage_row(result.idea, "judge")
    return {
        "run_id": result.run_id,
        "stage_id": stage.pk,
        "result_id": result.pk,
        "folder_id": folder.pk,
        "share_id": share.pk,
        "dataset_id": dataset.pk,
    }
