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
from backtests.objectives import Objective, objective_of
from backtests.rbi import spec
from backtests.rbi.stages.order import Order
from backtests.rbi.stages.run import check_ours, run_on, said, summary
from backtests.rbi.stages.space import places_in, space_of
from backtests.rbi.stages.work import Made, Work, failed, request_for, step

# What the ledger keeps of a cell's numbers.
KEPT = ("return_pct", "sharpe", "sortino", "max_drawdown_pct")
# Times: with less than this part of the trades it is another strategy.
FEWER_TRADES = 3
# The kind of a cell that the search had no time for.
LATE = "timeout"
UNWANTED = "The search was not asked for."
UNBOUNDED = "No parameter has bounds within which others could be tried."


def optimise(work: Work, base: Result) -> Stage:
    """Search the parameters for more of what the run is after than the base has."""
    options = work.run.options
    given = {"strategy": work.drafted.pk, "result": base.pk, "cells": options.get("cells", 60),
             "objective": objective_of(work.run).title}  # fmt: skip
    return step(work, "optimise", lambda: _made(work, base), given=given, says="Trying other parameters")


def _made(work: Work, base: Result) -> Made:
    if not work.run.options.get("optimise", True):
        return Made(text=UNWANTED, skipped=True)
    document = work.drafted.specification
    specification = spec.read(document) if document else None
    space = space_of(specification) if specification else {}
    if not specification or not space:
        return Made(text=UNBOUNDED, skipped=True)
    details = _of_the_first_run(work) or [_detail(cell) for cell in _search(work, specification, space)]
    _count(work, details)
    return _best(work, base, details, {"space": space, **_tallied(details)})


def _search(work: Work, specification: spec.Specification, space: dict[str, list[Any]]) -> list[Cell]:
    dataset, most = work.context.datasets[0], work.run.options.get("cells", 60)
    method: Literal["grid", "random"] = "grid" if places_in(space) <= most else "random"
    cells = grid.grid(
        work.context.sandbox, request_for(work, dataset, frames.path(dataset)), space, method=method, most=most,
        seed=work.run.seed, fits=Order.of(specification).holds, cancelled=work.hold.stopped,
        within_sec=settings.BACKTEST_OPTIMISE_SECONDS,
        on_progress=lambda done: work.say(f"{done['cells']} of {done['of']} settings tried"),
    )  # fmt: skip
    work.hold.check()
    check_ours(*(cell.failure for cell in cells))
    return cells


def _of_the_first_run(work: Work) -> list[dict[str, Any]]:
    """Of a rerun: the cells that the first run tried, when it ran out of time. This one might get through others."""
    if work.run.rerun_of_id is None:
        return []
    cells = Trial.objects.filter(run=work.run.rerun_of_id, idea__position=work.idea.position, kind="cell")
    details = list(cells.values_list("detail", flat=True))
    return details if any(detail["failure"] == LATE for detail in details) else []


def _count(work: Work, details: list[dict[str, Any]]) -> None:
    """Every cell into the ledger. A worker that begins the search anew counts it anew, not twice."""
    which = {
        "workspace": work.run.workspace, "run": work.run, "idea": work.idea, "kind": "cell",
        "strategy": work.drafted, "dataset": work.context.datasets[0],
    }  # fmt: skip
    with work.hold.writing():
        Trial.objects.filter(**which).delete()
        Trial.objects.bulk_create(Trial(**which, detail=detail) for detail in details)


def _detail(cell: Cell) -> dict[str, Any]:
    stats = cell.stats or {}
    trades = stats.get("Trades")
    return {
        "parameters": capped(dict(cell.parameters)),
        "trades": trades,
        **{field: stats.get(results.COLUMNS[field]) if trades else None for field in KEPT},
        "failure": cell.failure.kind if cell.failure else "",
    }


def _tallied(details: list[dict[str, Any]]) -> dict[str, int]:
    kinds = [detail["failure"] for detail in details]
    return {"cells": len(kinds), "failed": sum(map(bool, kinds)), "late": kinds.count(LATE)}


def _best(work: Work, base: Result, details: list[dict[str, Any]], tried: dict[str, Any]) -> Made:
    count, objective = tried["cells"] - tried["late"], objective_of(work.run)
    better = [detail for detail in details if _is_better(detail, base, objective)]
    if not better:
        return Made({**tried, "improved": False}, text=f"None of {count} other settings has a higher {objective.title}")
    best = max(better, key=lambda detail: float(detail[objective.field]))
    ran = run_on(work, work.context.datasets[0], **best["parameters"])
    if isinstance(ran, Failed):
        made = failed(ran)
        return Made({**tried, **made.document, "improved": False}, made.code, made.text, log=made.log)
    text = f"The highest {objective.title} of {count} settings on these very bars; on others it will do worse."
    result = results.store(
        work.hold, ran, idea=work.idea, strategy=work.drafted, dataset=work.context.datasets[0], is_optimised=True,
        notes=[*work.notes, {"code": "optimised", "text": text}],
    )  # fmt: skip
    work.ran[result.pk] = ran
    document = {**tried, "improved": True, "parameters": best["parameters"], **summary(result)}
    return Made(document, text=f"A higher {objective.title} with other parameters. {said(result)}", log=ran.log)


def _is_better(detail: dict[str, Any], base: Result, objective: Objective) -> bool:
    """More of it on trades enough to speak of the same strategy: one lucky position is no improvement of it."""
    # A search that an older version began kept fewer numbers.
    found, trades = detail.get(objective.field), detail["trades"] or 0
    before: float | None = getattr(base, objective.field)
    has_traded = trades > 0 and trades * FEWER_TRADES >= base.trades
    return has_traded and found is not None and (before is None or found > before)
