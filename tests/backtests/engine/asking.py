"""Requests for the engine, the child's program called in this process, and bare backtesting.py to compare with."""

from __future__ import annotations

import hashlib
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
from backtesting import Backtest, Strategy
from backtesting.test import BTCUSD, EURUSD, GOOG

from backtests.datasets.inside import bars, framed
from backtests.engine.inside import backtest, module
from backtests.engine.request import Request
from backtests.engine.running import job_of
from backtests.engine.settings import Settings

FREE = Settings(commission=0.0, spread=0.0)
FRAMES = {"GOOG": GOOG.iloc[:700], "EURUSD": EURUSD.iloc[:900], "BTCUSD": BTCUSD}


def ask(folder: Path, code: str, *, data: pd.DataFrame | str = "GOOG", **given: Any) -> Request:
    """A request over a bundled data set or a frame, whose file is put into the folder."""
    frame = FRAMES[data] if isinstance(data, str) else data
    content = bars.pack(framed.arrays_of(frame))
    sha256 = hashlib.sha256(content).hexdigest()
    path = folder / f"{sha256}.npz"
    path.write_bytes(content)
    return Request(code=code, data=path, data_sha256=sha256, **given)


def child(request: Request, **more: Any) -> dict[str, Any]:
    """What the child's program answers, without a sandbox around it."""
    frame = framed.read(request.data)
    job = job_of(request, frame, limits=None, **more)  # type: ignore[arg-type]
    return backtest.main(job.payload, {"data": request.data}, lambda message: None)


def strategy_of(code: str) -> type[Strategy]:
    """The strategy of a module."""
    place = ModuleType("bare")
    exec(code, place.__dict__)  # noqa: S102
    return module.found(place)


def bare(code: str, frame: pd.DataFrame, settings: Settings, *, kind: Any = Backtest, **more: Any) -> pd.Series:
    """The same by backtesting.py alone."""
    account = {name: value for name, value in settings.document().items() if name not in ("commission_fixed", "unit")}
    account["commission"] = (settings.commission_fixed, settings.commission)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        stats: pd.Series = kind(frame, strategy_of(code), **account, **more).run()
        return stats
