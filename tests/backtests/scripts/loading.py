"""Scripts loaded in this process, without a sandbox: for what one adapter does."""

from __future__ import annotations

import textwrap
import warnings
from typing import Any

import pandas as pd

from backtests.engine.inside import script
from tests.backtests.scripts.market import market

HEAD = """
import numpy as np
import pandas as pd
import talib
from backtesting import Backtest, Strategy
"""


def load(source: str, frame: pd.DataFrame | None = None, **given: Any) -> tuple[script.Loaded, list[str]]:
    """What came of a script, and its adaptations. With `head=True` the usual imports come first."""
    head = HEAD if given.pop("head", False) else ""
    source = head + textwrap.dedent(source)
    frame = market(400) if frame is None else frame
    with warnings.catch_warnings(), script.adapted() as notes:
        warnings.simplefilter("ignore")
        return script.load(source, frame, lambda message: None, notes=notes, **given), notes.texts


def strategy(init: str, then: str = "pass") -> str:
    """A script with one strategy that buys once and does `init` and `then`."""
    lines = [
        "class Once(Strategy):",
        "    def init(self):",
        *(f"        {line}" for line in textwrap.dedent(init).strip().splitlines()),
        "    def next(self):",
        "        if not self.position:",
        "            self.buy(size=0.5)",
        *(f"        {line}" for line in textwrap.dedent(then).strip().splitlines()),
    ]
    return "\n".join(lines) + "\n"
