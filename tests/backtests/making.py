"""Rows as the pipeline leaves them: a finished run with an idea, its stages, a strategy, a result and its document."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from django.utils import timezone

from accounts.models import User, Workspace
from backtests import artefacts
from backtests.datasets import frames
from backtests.models import Dataset, Idea, Result, Run, Stage, StageState, Status, Strategy, Trial
from moondev.lib.queue import State

BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
CODE = """from backtesting import Strategy
from backtesting.lib import crossover


class Cross(Strategy):
    fast = 10
    slow = 30

    def init(self):
        pass

    def next(self):
        pass
"""
SETTINGS = {
    "cash": 10_000.0, "commission": 0.001, "spread": 0.0002, "margin": 1.0, "exclusive_orders": True,
    "trade_on_close": False, "finalize_trades": True,
}  # fmt: skip
STATS = {
    "return_pct": 12.34, "buy_hold_pct": 8.5, "max_drawdown_pct": -4.2, "sharpe": 1.1, "sortino": 1.7,
    "exposure_pct": 41.0, "expectancy_pct": 0.4, "trades": 4,
}  # fmt: skip


def bars(count: int = 400, step_sec: int = 3600) -> dict[str, np.ndarray]:
    """Bars that rise and fall in waves around 100, an hour apart from the beginning of 2024."""
    moments = int(BEGIN.timestamp()) + step_sec * np.arange(count)
    close = 100 + 10 * np.sin(np.arange(count) / 25) + np.arange(count) / 50
    opens = np.concatenate([[100.0], close[:-1]])
    return {
        "time": moments * 1_000_000,
        "open": opens,
        "high": np.maximum(opens, close) + 0.5,
        "low": np.minimum(opens, close) - 0.5,
        "close": close,
        "volume": np.full(count, 10.0),
    }


def dataset_row(workspace: Workspace | None, by: User | None = None, *, count: int = 400, **values: Any) -> Dataset:
    """A data set with its file in storage."""
    arrays = bars(count)
    name = values.get("name", "BTC hourly")
    path, sha = frames.keep(arrays)
    given = {
        "name": name, "symbol": "BTC-USD", "timeframe_sec": 3600, "source": "upload", "sha256": sha, "path": path,
        "rows": count, "first": BEGIN, "last": BEGIN + timedelta(hours=count - 1), "columns": ["volume"],
        "quality": {"step_sec": 3600, "has_sessions": False, "closed_days": 0, "faults": []}, "created_by": by,
        "provenance": {"file": "btc.csv"}, **values,
    }  # fmt: skip
    return Dataset.objects.create(workspace=workspace, **given)


def run_row(workspace: Workspace, by: User | None = None, **values: Any) -> Run:
    """A run that is complete unless the values say otherwise."""
    at = timezone.now()
    given = {
        "name": "my-run", "status": Status.COMPLETE, "state": State.DONE, "settings": SETTINGS, "started_at": at,
        "finished_at": at, "progress": {"done": 1, "of": 1, "says": "Finished"}, "engine_version": "1", **values,
    }  # fmt: skip
    return Run.objects.create(workspace=workspace, created_by=by, **given)


def idea_row(run: Run, **values: Any) -> Idea:
    given = {
        "position": run.ideas.count(), "text": "Buy when SMA(10) crosses over SMA(30)",
        "status": run.status, **values,
    }  # fmt: skip
    return Idea.objects.create(workspace=run.workspace, run=run, **given)


def stage_row(idea: Idea, name: str, **values: Any) -> Stage:
    given: dict[str, Any] = {
        "state": StageState.DONE, "made": {"text": "It says so."}, "finished_at": timezone.now(), "log": "bar 1\n",
        **values,
    }  # fmt: skip
    return Stage.objects.create(run=idea.run, idea=idea, name=name, **given)


def strategy_row(idea: Idea, **values: Any) -> Strategy:
    given = {
        "version": idea.strategies.count() + 1, "name": "Cross", "origin": "rules", "code": CODE,
        "code_sha256": hashlib.sha256(CODE.encode()).hexdigest(), **values,
    }  # fmt: skip
    return Strategy.objects.create(workspace=idea.workspace, idea=idea, **given)


def result_row(idea: Idea, strategy: Strategy, dataset: Dataset, **values: Any) -> Result:
    """A result of four trades, with the document that the pages draw."""
    row = Result(
        workspace=idea.workspace, run=idea.run, idea=idea, strategy=strategy, dataset=dataset,
        **{
            **STATS, "parameters": {"fast": 10, "slow": 30}, "stats": {"Return [%]": 12.34, "# Trades": 4},
            "metrics": {"profit_factor": 1.4},
            "notes": [{"code": "finalized", "text": "One trade was open at the end and was closed there."}],
            "lookahead": "clean", "canonical_sha256": "0" * 64, "engine_version": "1", "sandbox_level": "namespaces",
            **values,
        },
    )  # fmt: skip
    row.path = artefacts.save_result_document(row, document(dataset))
    row.save()
    return row


def document(dataset: Dataset) -> dict[str, Any]:
    """Bars, curves, trades and the log, as `backtests.documents` has them."""
    arrays = bars(dataset.rows)
    close, moments = arrays["close"], arrays["time"] // 1_000_000
    equity = 10_000 * (1 + (close - close[0]) / 300)
    fall = 100 * (equity / np.maximum.accumulate(equity) - 1)
    firsts = [(first, size) for first, size in ((20, 1.5), (90, -1.5), (180, 2.0), (300, -1.0)) if first < len(close)]
    return {
        "version": 1,
        "times": moments.tolist(),
        **{name: arrays[name].tolist() for name in ("open", "high", "low", "close")},
        "equity": equity.tolist(),
        "drawdown": fall.tolist(),
        "buy_hold": (10_000 * close / close[0]).tolist(),
        "warmup": 10,
        "trades": [_trade(moments, close, first, size) for first, size in firsts],
        "open_trades": [],
        "log": "hello from the strategy\n",
    }


def _trade(moments: np.ndarray, close: np.ndarray, first: int, size: float) -> dict[str, Any]:
    last = min(first + 40, len(close) - 1)
    pnl = size * (close[last] - close[first])
    return {
        "size": size, "entry_bar": first, "exit_bar": last, "entry_price": float(close[first]),
        "exit_price": float(close[last]), "entry_time": int(moments[first]), "exit_time": int(moments[last]),
        "pnl": float(pnl), "return_pct": float(100 * pnl / close[first] / abs(size)), "tag": None,
    }  # fmt: skip


def finished(workspace: Workspace, by: User | None = None, **values: Any) -> Result:
    """A whole finished run; returns its result."""
    dataset = values.pop("dataset", None) or dataset_row(workspace, by, name=f"BTC {Dataset.objects.count()}")
    run = run_row(workspace, by, name=values.pop("name", "my-run"))
    run.datasets.add(dataset)
    idea = idea_row(run)
    for name in ("intake", "draft", "check", "run"):
        stage_row(idea, name)
    strategy = strategy_row(idea)
    cells = [
        {"parameters": {"fast": fast, "slow": slow}, "return_pct": float(fast - slow / 2)}
        for fast in (5, 10, 15)
        for slow in (20, 30, 40)
    ]
    Trial.objects.create(
        workspace=workspace, run=run, idea=idea, kind="cell", strategy=strategy, dataset=dataset, count=len(cells),
        detail={"cells": cells},
    )  # fmt: skip
    return result_row(idea, strategy, dataset, **values)
