"""Ideas in every form that people bring them in."""

from __future__ import annotations

import json
from typing import Any

RULES = "Buy when RSI(14) crosses below 30, sell when RSI rises above 70, stop 5%"
VAGUE = "mean reversion with bollinger bands"
CROSSING: dict[str, Any] = {
    "version": 1,
    "name": "Crossing averages",
    "parameters": {
        "fast": {"value": 10, "low": 5, "high": 20, "step": 5, "whole": True, "unit": "bars"},
        "slow": {"value": 30, "low": 20, "high": 60, "step": 20, "whole": True, "unit": "bars"},
        "part": {"value": 0.5},
    },
    "long": {
        "entry": {
            "kind": "cross",
            "way": "over",
            "left": {"kind": "indicator", "name": "sma", "args": {"period": "fast"}},
            "right": {"kind": "indicator", "name": "sma", "args": {"period": "slow"}},
        },
        "exit": {
            "kind": "cross",
            "way": "under",
            "left": {"kind": "indicator", "name": "sma", "args": {"period": "fast"}},
            "right": {"kind": "indicator", "name": "sma", "args": {"period": "slow"}},
        },
    },
    "sizing": {"kind": "fraction", "amount": "part"},
}
SPECIFICATION = json.dumps(CROSSING)
CODE = """from backtesting import Backtest, Strategy
from backtesting.lib import crossover
import pandas as pd


def average(values, count):
    return pd.Series(values).rolling(count).mean()


class Crossing(Strategy):
    fast = 10
    slow = 30

    def init(self):
        self.quick = self.I(average, self.data.Close, self.fast)
        self.calm = self.I(average, self.data.Close, self.slow)

    def next(self):
        if crossover(self.quick, self.calm):
            self.buy(size=0.5)
        elif crossover(self.calm, self.quick):
            self.position.close()
"""
BROKEN = CODE.replace("rolling(count).mean()", "rolling(count).meen()")
ENDLESS = CODE.replace("    def next(self):\n", "    def next(self):\n        while True:\n            pass\n")
HINDSIGHT = CODE.replace("rolling(count).mean()", "rolling(count, center=True).mean()")
NEVER = CODE.replace("crossover(self.quick, self.calm)", "self.data.Close[-1] < 0")
