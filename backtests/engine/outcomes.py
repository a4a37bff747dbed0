"""What a run, a grid and a check for look-ahead give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd

from backtests.engine.request import Request, Value


@dataclass(frozen=True)
class Note:
    """Something that has to be known beside the numbers; `code` is stable, `text` is for people."""

    code: str
    text: str


@dataclass(frozen=True)
class Ran:
    """A result that stood the check. Every number comes from bars and checked fills, none from the child.

    `trades` has backtesting.py's columns (Size, EntryBar, ExitBar, EntryPrice, ...) in the customer's units.
    `open_trades` are those left at the end: size, entry_bar, entry_price. `times` (UTC, when a bar opens) and `equity`
    have one value a bar. `stats` has the contract's columns ("Return %", ...) and backtesting.py's own
    ("Return [%]", ...); `metrics` ours, see docs/backtest_metrics.md; both are JSON and null where there is no number.
    `orders`, `indicators` and `parameters` (with the values used) are what the child said, in the right shape and no
    more. `warmup`: the bars before the first that the strategy saw. `unit`: the smallest part of the asset traded.
    """

    request: Request
    bars: pd.DataFrame
    trades: pd.DataFrame
    open_trades: list[dict[str, Any]]
    equity: np.ndarray
    stats: dict[str, Any]
    metrics: dict[str, Any]
    notes: list[Note]
    adaptations: list[str]
    orders: Mapping[str, list[Any]]
    indicators: list[dict[str, Any]]
    parameters: dict[str, Value]
    warmup: int
    unit: float
    log: str = ""
    level: str = ""
    seconds: float = 0.0

    @property
    def times(self) -> np.ndarray:
        """When each bar opens: datetime64 in microseconds, UTC."""
        return self.bars.index.to_numpy().astype("datetime64[us]")


@dataclass(frozen=True)
class Failed:
    """No result. `message` is one plain sentence for the customer with what to do about it.

    Kinds of the engine: syntax, import, runtime, no_strategy, parameters, data, timeout, memory, output, crashed,
    cancelled, forged. A script has more of its own, see `engine.inside.script`. `line` counts from 1 in the code.
    """

    kind: str
    message: str
    line: int | None = None
    traceback: str = ""
    log: str = ""
    adaptations: list[str] = field(default_factory=list)
    level: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Cell:
    """One place of a parameter grid: numbers that stood the same check, or why there are none."""

    parameters: dict[str, Value]
    stats: dict[str, Any] | None = None
    failure: Failed | None = None


@dataclass(frozen=True)
class Lookahead:
    """Whether orders changed when only later bars did. Each piece of evidence is a sentence with its bar."""

    state: Literal["clean", "suspect", "not_checked"]
    evidence: list[dict[str, Any]] = field(default_factory=list)
    reason: str = ""
