"""A strategy around the lines that matter."""

from __future__ import annotations

HEAD = """from backtesting import Backtest, Strategy
from backtesting.lib import crossover
import numpy as np
import pandas as pd
"""


def strategy(init: str = "pass", following: str = "", *, before: str = "", more: str = "") -> str:
    """A module with one strategy; `following` stands in `next`, before the order that most of them need."""
    lines = [HEAD, before, "class Mine(Strategy):", "    n = 20", "    def init(self):"]
    lines += [f"        {line}" for line in init.splitlines()]
    lines += ["    def next(self):"]
    lines += [f"        {line}" for line in (following or "if not self.position:\n    self.buy()").splitlines()]
    lines += [f"    {line}" for line in more.splitlines()]
    return "\n".join(lines) + "\n"
