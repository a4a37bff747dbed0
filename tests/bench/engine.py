"""A backtest in the sandbox beside bare backtesting.py, and a parameter grid beside one process."""

from __future__ import annotations

import gc
import hashlib
import os
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from statistics import median
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
from backtesting import Backtest, Strategy

from backtests.datasets.inside import bars, framed
from backtests.engine import grid, lookahead, running
from backtests.engine.failing import failed_of
from backtests.engine.inside import module
from backtests.engine.outcomes import Ran
from backtests.engine.request import Request
from backtests.engine.running import LIMITS, concluded, job_of
from backtests.sandbox import Sandbox

BARS = 31_066
ROUNDS = 15
# Each takes five seconds or so.
GRID_ROUNDS = 9
SPACE = {"fast": [8, 13, 21, 34], "slow": [55, 89, 144, 233]}
CODE = """
from backtesting import Strategy
from backtesting.lib import crossover
from backtesting.test import SMA


class Cross(Strategy):
    fast = 13
    slow = 55

    def init(self):
        self.a = self.I(SMA, self.data.Close, self.fast)
        self.b = self.I(SMA, self.data.Close, self.slow)

    def next(self):
        if crossover(self.a, self.b):
            self.buy()
        elif crossover(self.b, self.a):
            self.sell()
"""


def lines() -> list[str]:
    """Single run and grid as lines of Markdown. Rounds alternate, so that a busy machine hits both sides."""
    with tempfile.TemporaryDirectory() as folder, Sandbox() as sandbox:
        frame, source = _frame()
        request = _request(Path(folder), frame)
        sandbox.warm_up()
        return [*_single(sandbox, request, frame, source), "", *_grid(sandbox, request, frame)]


def _single(sandbox: Sandbox, request: Request, frame: pd.DataFrame, source: str) -> list[str]:
    job = job_of(request, frame, limits=LIMITS)
    rounds = []
    for _ in range(ROUNDS):
        bare = _seconds(lambda: _bare(request, frame))
        inside = _seconds(lambda: sandbox.run(job))
        outcome = sandbox.run(job)
        if failed_of(outcome, LIMITS):
            raise SystemExit(f"The strategy of the benchmark failed: {failed_of(outcome, LIMITS)}")
        check = _seconds(lambda outcome=outcome: concluded(outcome, request, frame, LIMITS))  # type: ignore[misc]
        rounds.append((bare, inside, check))
    look = _lookahead(sandbox, request)
    bare, inside, check = (median(one) for one in zip(*rounds, strict=True))
    ratio = median(inside / bare for bare, inside, _ in rounds)
    whole = median((inside + check) / bare for bare, inside, check in rounds)
    return [
        f"| one run on {len(frame):,} bars ({source}) | s | of bare backtesting.py (at most 1.15) |",
        "|---|---|---|",
        f"| bare backtesting.py, warm | {bare:.3f} | 1 |",
        f"| in the sandbox, from the call to its end | {inside:.3f} | {ratio:.2f} |",
        f"| in the sandbox, with check and all numbers | {inside + check:.3f} | {whole:.2f} |",
        f"| apart from that: check outside, all numbers | {check:.3f} | |",
        f"| apart from that: 20 reruns for look-ahead | {look:.2f} | |",
    ]


def _grid(sandbox: Sandbox, request: Request, frame: pd.DataFrame) -> list[str]:
    cells = [(fast, slow) for fast in SPACE["fast"] for slow in SPACE["slow"]]
    rounds = []
    for _ in range(GRID_ROUNDS):
        alone = _seconds(lambda: [_bare(request, frame, fast=fast, slow=slow) for fast, slow in cells])
        fanned = _seconds(lambda: grid.grid(sandbox, request, SPACE))
        rounds.append((alone, fanned))
    alone, fanned = (median(one) for one in zip(*rounds, strict=True))
    faster = median(alone / fanned for alone, fanned in rounds)
    return [
        f"A grid of {len(cells)} cells on {len(frame):,} bars: {alone:.1f} s in one process with bare backtesting.py, "
        f"{fanned:.1f} s on {len(os.sched_getaffinity(0))} processors with every cell checked: {faster:.2f} times as "
        "fast (at least 1.8 on two)."
    ]


def _lookahead(sandbox: Sandbox, request: Request) -> float:
    ran = running.run(sandbox, request)
    assert isinstance(ran, Ran)
    return _seconds(lambda: lookahead.lookahead(sandbox, request, ran))


def _bare(request: Request, frame: pd.DataFrame, **parameters: Any) -> pd.Series:
    """The same backtest by backtesting.py alone, in this process."""
    settings = request.settings
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        backtest = Backtest(
            frame,
            _strategy(),
            cash=settings.cash / settings.unit_for(frame["Close"].to_numpy()),
            commission=settings.commission,
            spread=settings.spread,
            exclusive_orders=settings.exclusive_orders,
            finalize_trades=settings.finalize_trades,
        )
        stats: pd.Series = backtest.run(**parameters)
        return stats


def _strategy() -> type[Strategy]:
    place = ModuleType("bare")
    exec(CODE, place.__dict__)  # noqa: S102
    return module.found(place)


def _request(folder: Path, frame: pd.DataFrame) -> Request:
    content = bars.pack(framed.arrays_of(frame))
    path = folder / "bars.npz"
    path.write_bytes(content)
    return Request(code=CODE, data=path, data_sha256=hashlib.sha256(content).hexdigest())


def _frame() -> tuple[pd.DataFrame, str]:
    """The real 15-minute bars of REAL_DATA_DIR, or a random walk of the same length."""
    folder = os.environ.get("REAL_DATA_DIR")
    if not folder:
        return _walk(), "a random walk"
    read = pd.read_csv(Path(folder) / "BTC-USD-15m.csv", skipinitialspace=True, index_col=0, parse_dates=True)
    frame = read[["open", "high", "low", "close", "volume"]].rename(columns=str.title)
    return frame, "BTC-USD, 15 minutes"


def _walk() -> pd.DataFrame:
    noise = np.random.default_rng(1)
    close = 16_000 * np.exp(np.cumsum(noise.normal(0, 0.002, BARS)))
    opens = np.concatenate([[16_000.0], close[:-1]])
    high = np.maximum(opens, close) * (1 + np.abs(noise.normal(0, 0.001, BARS)))
    low = np.minimum(opens, close) * (1 - np.abs(noise.normal(0, 0.001, BARS)))
    index = pd.date_range("2023-01-01", periods=BARS, freq="15min")
    columns = {"Open": opens, "High": high, "Low": low, "Close": close, "Volume": noise.lognormal(5, 1, BARS)}
    return pd.DataFrame(columns, index=index)


def _seconds(what: Callable[[], Any]) -> float:
    gc.collect()
    began = time.perf_counter()
    what()
    return time.perf_counter() - began
