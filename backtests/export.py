"""A workspace's backtests in its export: what was asked, what was made of it and what came of it."""

from __future__ import annotations

from typing import Any

from accounts.models import Workspace
from backtests.models import Dataset, Folder, Idea, Result, Run, Share, Spend, Stage, Strategy

RUN = (
    *("id", "name", "created_at", "status", "settings", "options", "seed", "started_at", "finished_at"),
    *("error_code", "error_text", "engine_version", "key_label", "is_shared", "rerun_of_id"),
)
IDEA = ("id", "run_id", "position", "text", "kind", "edits", "status", "error_code", "error_text")
STAGE = ("idea_id", "name", "number", "state", "given", "made", "log", "error_code", "error_text", "finished_at")
STRATEGY = ("id", "idea_id", "version", "name", "origin", "specification", "interpretation", "code", "created_at")
RESULT = (
    *("id", "run_id", "idea_id", "strategy_id", "dataset_id", "is_optimised", "parameters", "stats", "metrics"),
    *("notes", "adaptations", "verdict", "lookahead", "lookahead_evidence", "engine_version", "created_at"),
)
DATASET = (
    *("id", "name", "symbol", "timeframe_sec", "source", "is_simulated", "provenance", "sha256", "rows", "first"),
    *("last", "quality", "created_at", "deleted_at"),
)
SPEND = ("run_id", "stage", "model", "tokens_in", "tokens_out", "micro_usd", "at")


def backtests_of(workspace: Workspace) -> dict[str, Any]:
    """Runs with their ideas, stages, strategies and results; data sets, folders, share links and models' tokens."""
    runs = Run.objects.for_workspace(workspace)
    return {
        "runs": [{**row, "created_by": row.pop("created_by__email")} for row in runs.values(*RUN, "created_by__email")],
        "ideas": list(Idea.objects.for_workspace(workspace).values(*IDEA)),
        "stages": list(Stage.objects.filter(run__in=runs).values(*STAGE)),
        "strategies": list(Strategy.objects.for_workspace(workspace).values(*STRATEGY)),
        "results": list(Result.objects.for_workspace(workspace).values(*RESULT)),
        "datasets": list(Dataset.objects.filter(workspace=workspace).values(*DATASET)),
        "folders": [_folder(folder) for folder in Folder.objects.for_workspace(workspace)],
        "share_links": list(
            Share.objects.for_workspace(workspace).values("result_id", "with_code", "created_at", "revoked_at")
        ),
        "model_calls": list(Spend.objects.for_workspace(workspace).values(*SPEND)),
    }


def _folder(folder: Folder) -> dict[str, Any]:
    return {"name": folder.name, "results": list(folder.entries.values_list("result_id", flat=True))}
