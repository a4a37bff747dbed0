"""Storing what came of a strategy on a data set: the row, its files, the ledger and the workspace's table."""

from __future__ import annotations

import json
from typing import Any

from backtests import artefacts, table
from backtests.capped import capped
from backtests.chart import chart_of
from backtests.coding import code_of
from backtests.documents import document_of
from backtests.engine.outcomes import Ran
from backtests.engine.version import ENGINE_VERSION
from backtests.hold import Hold
from backtests.models import Dataset, Idea, Result, Strategy, Trial
from backtests.rows import code_name
from moondev.lib.storable import storable

NO_TRADES = "no_trades"
COLUMNS = {
    "return_pct": "Return %",
    "buy_hold_pct": "Buy & Hold %",
    "max_drawdown_pct": "Max Drawdown %",
    "sharpe": "Sharpe Ratio",
    "sortino": "Sortino Ratio",
    "exposure_pct": "Exposure %",
    "expectancy_pct": "EV %",
}


def store(
    hold: Hold,
    ran: Ran,
    *,
    idea: Idea,
    strategy: Strategy,
    dataset: Dataset,
    is_optimised: bool = False,
    notes: list[dict[str, str]] | None = None,
) -> Result:
    """Store a result, once however often a worker comes to this point. Raises Stopped when the run is not ours."""
    which: dict[str, Any] = {
        "run": hold.run, "idea": idea, "strategy": strategy, "dataset": dataset, "is_optimised": is_optimised,
    }  # fmt: skip
    result = Result(workspace=hold.run.workspace, **which, **_numbers(ran))
    result.notes = [*({"code": note.code, "text": storable(note.text)} for note in ran.notes), *(notes or [])]
    # Files first: a row never names one that is not there.
    result.path = artefacts.save_result_document(result, document_of(ran))
    _write_files(result, ran)
    values = {name: getattr(result, name) for name in (*_numbers(ran), "notes", "path", "workspace")}
    with hold.writing():
        result, _ = Result.objects.update_or_create(**which, defaults=values)
        # A script may have tried more by itself, as one that optimises does.
        count(hold, "dataset", ran.trials, idea=idea, strategy=strategy, dataset=dataset)
    table.write(hold.run.workspace)
    return result


def count(
    hold: Hold, kind: str, times: int = 1, *, idea: Idea, strategy: Strategy | None, dataset: Dataset | None = None
) -> None:
    """Put something that was tried into the ledger, once. Inside a `writing` of the hold."""
    Trial.objects.update_or_create(
        workspace=hold.run.workspace, run=hold.run, idea=idea, kind=kind, strategy=strategy, dataset=dataset,
        defaults={"count": times},
    )  # fmt: skip


def _numbers(ran: Ran) -> dict[str, Any]:
    return {
        **{column: ran.stats.get(name) for column, name in COLUMNS.items()},
        "trades": int(ran.stats.get("Trades") or 0),
        "parameters": capped(ran.parameters),
        "stats": ran.stats,
        "metrics": ran.metrics,
        "adaptations": capped(ran.adaptations),
        "canonical_sha256": ran.canonical_sha256,
        "engine_version": ENGINE_VERSION,
        "sandbox_level": ran.level,
        "seconds": ran.seconds,
    }


def _write_files(result: Result, ran: Ran) -> None:
    """What the layout of former times has: the numbers as JSON and a chart."""
    name = artefacts.result_name(result)
    document = {
        "strategy": result.strategy.name,
        "data": result.dataset.name,
        "simulated": result.dataset.is_simulated,
        "parameters": result.parameters,
        "stats": result.stats,
        "metrics": result.metrics,
        "notes": result.notes,
        "adaptations": result.adaptations,
        "verdict": result.verdict,
        "engine": result.engine_version,
    }
    artefacts.write(result.run, "execution_results", f"{name}.json", json.dumps(document, indent=2))
    artefacts.write(result.run, "charts", f"{name}.svg", chart_of(result, ran))
    artefacts.write(result.run, "backtests_final", code_name(result), code_of(result))
