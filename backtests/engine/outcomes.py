"""What a run, a grid and a check for look-ahead give."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd

from backtests.engine.account import Account
from backtests.engine.canonical import canonical, digest_of, trade_records
from backtests.engine.ledger import Ledger
from backtests.engine.request import Request, Value
from backtests.engine.version import ENGINE_VERSION


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
    more. `ledger` holds the checked fills, `account` what followed from each. `warmup`: the bars
    that statistics leave out, see `Ledger`. `unit`: the smallest part of the asset traded.
    `trials`: how many backtests a script made by itself, and 1 for a module. `backfilled`: bars at the beginning for
    which backtesting.py's TrailingStrategy knows a range that it could not know yet.
    """

    request: Request
    bars: pd.DataFrame
    ledger: Ledger
    account: Account
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
    trials: int = 1
    backfilled: int = 0

    @property
    def times(self) -> np.ndarray:
        """When each bar opens: datetime64 in microseconds, UTC."""
        return self.bars.index.to_numpy().astype("datetime64[us]")

    def trade_records(self) -> list[dict[str, Any]]:
        """The trades as JSON, see `canonical.trade_records`."""
        return trade_records(self.trades)

    def canonical(self) -> str:
        """The result as JSON that the same request gives again with the same engine, byte for byte."""
        return canonical(
            {
                "engine": ENGINE_VERSION,
                "code_sha256": hashlib.sha256(self.request.code.encode()).hexdigest(),
                "data_sha256": self.request.data_sha256,
                "kind": self.request.kind,
                "settings": self.request.settings.document(),
                "parameters": self.parameters | dict(self.request.parameters),
                "seed": self.request.seed,
                "trades": self.trade_records(),
                "open_trades": self.open_trades,
                "equity_sha256": digest_of(self.equity),
                "stats": self.stats,
                "metrics": self.metrics,
                "notes": [asdict(note) for note in self.notes],
                "adaptations": self.adaptations,
            }
        )

    @property
    def canonical_sha256(self) -> str:
        """SHA-256 of `canonical()`."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()


@dataclass(frozen=True)
class Failed:
    """No result. `message` is one plain sentence for the customer with what to do about it.

    Kinds of the engine: syntax, import, runtime, no_strategy, parameters, data, timeout, memory, output, crashed,
    cancelled, forged. A script has more of its own, see `engine.inside.script`. `line` counts from 1 in the code.
    `trials`: how many backtests a script had made by itself.
    """

    kind: str
    message: str
    line: int | None = None
    traceback: str = ""
    log: str = ""
    adaptations: list[str] = field(default_factory=list)
    level: str = ""
    seconds: float = 0.0
    trials: int = 1


@dataclass(frozen=True)
class Cell:
    """One place of a parameter grid: numbers that stood the same check, or why there are none."""

    parameters: dict[str, Value]
    stats: dict[str, Any] | None = None
    failure: Failed | None = None


@dataclass(frozen=True)
class Lookahead:
    """Whether orders changed when only later bars did. Each piece of evidence is a sentence with its bar.

    Of what was not checked `reason` says why, and `failure` is the rerun's when one failed.
    """

    state: Literal["clean", "suspect", "not_checked"]
    evidence: list[dict[str, Any]] = field(default_factory=list)
    reason: str = ""
    failure: Failed | None = None
