"""One run: the child trades, and everything that is shown is computed here from checked fills."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from zipfile import BadZipFile

import pandas as pd

from backtests.engine import said
from backtests.engine.failing import FORGED, TOO_MANY, UNREADABLE, failed_of, texts, told
from backtests.engine.inside.rows import read_in_order
from backtests.engine.ledger import Forged, TooMany
from backtests.engine.metrics import metrics_of
from backtests.engine.notes import notes_of
from backtests.engine.outcomes import Failed, Ran
from backtests.engine.request import Request
from backtests.engine.statistics import open_trades_of
from backtests.engine.verifying import Verified, verify
from backtests.sandbox import Sandbox
from backtests.sandbox.job import JSON, Job, Limits, Outcome

LIMITS = Limits()
# What `read_bars` raises.
UNREADABLE_BARS = (OSError, ValueError, KeyError, BadZipFile)
Cancelled = Callable[[], bool]
OnProgress = Callable[[JSON], None]


def run(
    sandbox: Sandbox,
    request: Request,
    *,
    cancelled: Cancelled | None = None,
    on_progress: OnProgress | None = None,
    limits: Limits = LIMITS,
) -> Ran | Failed:
    """Run a strategy. Progress is `{"bar": 3, "of": 10}`, as the child says it."""
    try:
        frame = read_bars(request)
    except UNREADABLE_BARS:
        return Failed("data", UNREADABLE)
    job = job_of(request, frame, limits=limits)
    return concluded(sandbox.run(job, cancelled=cancelled, on_progress=on_progress), request, frame, limits)


def read_bars(request: Request) -> pd.DataFrame:
    """The bars of a request. Raises one of UNREADABLE_BARS when the file is not what it should be."""
    content = request.data.read_bytes()
    if hashlib.sha256(content).hexdigest() != request.data_sha256:
        raise ValueError("The file of bars has changed.")
    return read_in_order(content)


def job_of(request: Request, frame: pd.DataFrame, *, limits: Limits, program: str = "backtest", **more: JSON) -> Job:
    """What the child is given. Its account counts the unit of the run."""
    payload: dict[str, JSON] = {
        "code": request.code,
        "kind": request.kind,
        "parameters": dict(request.parameters),
        "account": account_of(request, frame),
        "seed": request.seed,
        "workspace": request.workspace,
        **more,
    }
    return Job(program, payload, {"data": request.data}, limits)


def account_of(request: Request, frame: pd.DataFrame) -> dict[str, JSON]:
    """The settings as `Backtest(...)` takes them, and the unit. Cash is scaled, prices are not: they stay true."""
    settings = request.settings
    unit = settings.unit_for(frame["Close"].to_numpy())
    return {
        "cash": settings.cash / unit,
        "commission": [settings.commission_fixed / unit, settings.commission],
        "spread": settings.spread,
        "margin": settings.margin,
        "exclusive_orders": settings.exclusive_orders,
        "trade_on_close": settings.trade_on_close,
        "finalize_trades": settings.finalize_trades,
        "unit": unit,
    }


def concluded(outcome: Outcome, request: Request, frame: pd.DataFrame, limits: Limits) -> Ran | Failed:
    """A result out of an outcome, or why there is none."""
    document = said.of_kind(outcome.document, request.kind)
    found = failed_of(outcome, limits) or _checked(document, outcome, request, frame)
    return replace(found, trials=said.trials(document)) if isinstance(found, Failed) else found


def _checked(document: Any, outcome: Outcome, request: Request, frame: pd.DataFrame) -> Ran | Failed:
    try:
        frame = said.frame_traded(document, frame)
        verified = verify(document, frame, request.settings)
    except Forged as error:
        return told("forged", FORGED.format(reason=error), outcome)
    except TooMany:
        return told("output", TOO_MANY, outcome)
    assert isinstance(document, Mapping)  # noqa: S101
    return _ran(document, outcome, request, frame, verified)


def _ran(
    document: Mapping[str, Any], outcome: Outcome, request: Request, frame: pd.DataFrame, verified: Verified
) -> Ran:
    open_trades = open_trades_of(verified.ledger, unit=verified.unit)
    warmup = verified.ledger.warmup
    return Ran(
        request=request,
        bars=frame,
        ledger=verified.ledger,
        account=verified.account,
        trades=verified.trades,
        open_trades=open_trades,
        equity=verified.equity,
        stats=verified.stats,
        metrics=metrics_of(verified.trades, verified.equity, frame, cash=request.settings.cash, warmup=warmup),
        notes=notes_of(document, request, verified, open_trades),
        adaptations=texts(document, "adaptations"),
        orders=said.orders(document, bars=len(frame)),
        indicators=said.indicators(document, bars=len(frame)),
        parameters=said.parameters(document),
        warmup=warmup,
        unit=verified.unit,
        log=outcome.log,
        level=outcome.level.name.lower(),
        seconds=outcome.seconds,
        trials=said.trials(document),
        backfilled=said.backfilled(document),
    )
