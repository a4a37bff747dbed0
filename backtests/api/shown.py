"""Runs, results and folders as clients see them."""

from __future__ import annotations

import math
from typing import Any

from django.db.models import Avg, Count, Max, Q, QuerySet

from backtests.models import Folder, Result, Run, Strategy
from backtests.rows import columns_of

# A return above this is shown as text and left out of averages: such numbers come from data, not from trading.
MOST_RETURN, MORE = 10_000, "10,000+%"
# Of a strategy's interpretation: which way was taken, and what has to be known of a run that nobody looked at before.
READ: dict[str, Any] = {"path": "", "rules": [], "assumptions": [], "not_understood": []}


def row(result: Result) -> dict[str, Any]:
    """One row: the thirteen columns that clients know, and what is new beside them. Numbers or null, never NaN."""
    columns = {name: _number(value) for name, value in columns_of(result).items()}
    if isinstance(columns["Return %"], float) and columns["Return %"] > MOST_RETURN:
        columns["Return %"] = MORE
    return {
        **columns,
        "id": result.pk,
        "run": result.run_id,
        "verdict": result.verdict,
        "lookahead": result.lookahead,
        "simulated": result.dataset.is_simulated,
        "optimised": result.is_optimised,
        "parameters": result.parameters,
        "notes": result.notes,
        "interpretation": interpretation(result.strategy),
        "created_at": result.created_at,
    }


def interpretation(strategy: Strategy) -> dict[str, Any] | None:
    """How the idea was read; null for code and for what a model wrote."""
    found = strategy.interpretation
    return {name: found.get(name, usual) for name, usual in READ.items()} if found else None


def stats(rows: QuerySet[Result]) -> dict[str, Any]:
    """The summary of a workspace's results; 0 where there is nothing to average."""
    usual = Q(return_pct=None) | Q(return_pct__lte=MOST_RETURN)
    found = rows.order_by().aggregate(
        total_backtests=Count("id"),
        unique_strategies=Count("strategy__name", distinct=True),
        unique_data_sources=Count("dataset", distinct=True),
        avg_return=Avg("return_pct", filter=usual),
        max_return=Max("return_pct", filter=usual),
        avg_sortino=Avg("sortino", filter=usual),
    )
    return {name: value if isinstance(value, int) else round(_number(value) or 0, 2) for name, value in found.items()}


def status(run: Run, new_count: int) -> dict[str, Any]:
    """How far a run is. `progress`: steps done of all, and what is being done, in words."""
    return {
        "status": run.status,
        "new_count": new_count,
        "run_name": run.name,
        "id": run.pk,
        "progress": run.progress,
        "error": {"code": run.error_code, "detail": run.error_text} if run.error_code else None,
        "created_at": run.created_at,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
    }


def folder(row: Folder) -> dict[str, Any]:
    """A folder and how many results are in it, counted by the query."""
    return {"name": row.name, "count": getattr(row, "held", 0)}


def _number(value: Any) -> Any:
    """A number that JSON has; null for the others."""
    return None if isinstance(value, float) and not math.isfinite(value) else value
