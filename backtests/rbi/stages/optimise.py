"""Optimise: the same code with other parameters, on the first data set. Only an improvement is kept."""

from __future__ import annotations

from typing import Any, Literal

from django.conf import settings

from backtests import results
from backtests.capped import capped
from backtests.datasets import frames
from backtests.engine import grid
from backtests.engine.outcomes import Cell, Failed
from backtests.models import Result, Stage, Trial
from backtests.rbi import spec
from backtests.rbi.stages.run import run_on, said, summary
from backtests.rbi.stages.space import places_in, space_of
from backtests.rbi.stages.work import Made, Work, failed, request_for, step

OBJECTIVE = "Return %"
UNWANTED = "The search was not asked for."
UNBOUNDED = "No parameter has bounds within which others could be tried."


def optimise(work: Work, base: Result) -> Stage:
    """Search the parameters for a better return than the base's."""
    given = {"strategy": work.drafted.pk, "result": base.pk, "cells": work.run.options.get("cells", 60)}
    return step(work, "optimise", lambda: _made(work, base), given=given, says="Trying other parameters")


def _made(work: Work, base: Result) -> Made:
    if not work.run.options.get("optimise", True):
        return Made(text=UNWANTED, skipped=True)
    document = work.drafted.specification
    space = space_of(spec.read(document)) if document else {}
    if not space:
        return Made(text=UNBOUNDED, skipped=True)
    cells = _search(work, space)
    _count(work, cells)
    return _best(work, base, cells, space)


def _search(work: Work, space: dict[str, list[Any]]) -> list[Cell]:
    dataset, most = work.context.datasets[0], work.run.options.get("cells", 60)
    method: Literal["grid", "random"] = "grid" if places_in(space) <= most else "random"
    cells = grid.grid(
        work.context.sandbox, request_for(work, dataset, frames.path(dataset)), space, method=method, most=most,
        seed=work.run.seed, cancelled=work.hold.stopped, within_sec=settings.BACKTEST_OPTIMISE_SECONDS,
    )  # fmt: skip
    work.hold.check()
    return cells


def _count(work: Work, cells: list[Cell]) -> None:
    """Every cell into the ledger. A worker that begins the search anew counts it anew, not twice."""
    which = {
        "workspace": work.run.workspace, "run": work.run, "idea": work.idea, "kind": "cell",
        "strategy": work.drafted, "dataset": work.context.datasets[0],
    }  # fmt: skip
    with work.hold.writing():
        Trial.objects.filter(**which).delete()
        Trial.objects.bulk_create(Trial(**which, detail=_detail(cell)) for cell in cells)


def _detail(cell: Cell) -> dict[str, Any]:
    stats = cell.stats or {}
    return {
        "parameters": capped(dict(cell.parameters)),
        "return_pct": stats.get(OBJECTIVE) if stats.get("Trades") else None,
        "trades": stats.get("Trades"),
        "sharpe": stats.get("Sharpe Ratio"),
        "max_drawdown_pct": stats.get("Max Drawdown %"),
        "failure": cell.failure.kind if cell.failure else "",
    }


def _best(work: Work, base: Result, cells: list[Cell], space: dict[str, list[Any]]) -> Made:
    tried = {"cells": len(cells), "failed": sum(1 for cell in cells if cell.stats is None), "space": space}
    traded = [cell for cell in cells if cell.stats and cell.stats.get("Trades")]
    best = max(traded, key=lambda cell: float(cell.stats[OBJECTIVE] or 0), default=None)  # type: ignore[index]
    if best is None or best.stats is None or not _is_better(best.stats.get(OBJECTIVE), base):
        return Made({**tried, "improved": False}, text=f"None of {len(cells)} other settings did better")
    ran = run_on(work, work.context.datasets[0], **best.parameters)
    if isinstance(ran, Failed):
        made = failed(ran)
        return Made({**tried, **made.document, "improved": False}, made.code, made.text, log=made.log)
    note = {
        "code": "optimised",
        "text": f"The best of {len(cells)} settings on these very bars; on others it will do worse.",
    }
    result = results.store(
        work.hold, ran, idea=work.idea, strategy=work.drafted, dataset=work.context.datasets[0], is_optimised=True,
        notes=[*work.notes, note],
    )  # fmt: skip
    document = {**tried, "improved": True, "parameters": dict(best.parameters), **summary(result)}
    return Made(document, text=f"Better with other parameters. {said(result)}", log=ran.log)


def _is_better(found: float | None, base: Result) -> bool:
    return found is not None and (base.return_pct is None or found > base.return_pct)
