"""Everything that a run depends on; equal requests give equal results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from backtests.engine.settings import Settings

Value = float | int | bool | str
Kind = Literal["module", "script"]


@dataclass(frozen=True)
class Request:
    """One strategy on one data set.

    `kind` module: a backtesting.py module with a Strategy class, of which the engine makes the backtest. Script:
    customer code as people have it, with or without its own Backtest call. `data` is a file of bars, see
    `datasets.inside.bars`. `parameters` replace class attributes of the strategy.
    """

    code: str
    data: Path
    data_sha256: str
    parameters: Mapping[str, Value] = field(default_factory=dict)
    settings: Settings = field(default_factory=Settings)
    kind: Kind = "module"
    seed: int = 1
    simulated: bool = False
    timeframe_sec: int = 0
    # What code reads as RBI_WORKSPACE_NAME.
    workspace: str = ""
