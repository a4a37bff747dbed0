"""Strategies as customers send them. Each is a module of backtesting.py."""

from __future__ import annotations

HEAD = """
import numpy as np
import pandas as pd
from backtesting import Strategy
from backtesting.lib import TrailingStrategy, crossover
from backtesting.test import SMA
"""

CROSS = (
    HEAD
    + """
class Cross(Strategy):
    fast = 5
    slow = 15

    def init(self):
        self.a = self.I(SMA, self.data.Close, self.fast)
        self.b = self.I(SMA, self.data.Close, self.slow)

    def next(self):
        if crossover(self.a, self.b):
            self.buy()
        elif crossover(self.b, self.a):
            self.sell()
"""
)

BRACKETS = (
    HEAD
    + """
class Brackets(Strategy):
    def init(self):
        self.a = self.I(SMA, self.data.Close, 10)

    def next(self):
        price = self.data.Close[-1]
        if self.position:
            return
        if price > self.a[-1]:
            self.buy(size=0.5, sl=price * 0.97, tp=price * 1.04, tag="long")
        else:
            self.sell(size=0.5, sl=price * 1.03, tp=price * 0.96, tag="short")
"""
)

PARTS = (
    HEAD
    + """
class Parts(Strategy):
    def init(self):
        self.a = self.I(SMA, self.data.Close, 8)

    def next(self):
        bar = len(self.data)
        if bar % 9 == 0:
            self.buy(size=0.3)
        if bar % 14 == 0 and self.trades:
            self.trades[0].close(0.4)
        if bar % 31 == 0:
            self.position.close()
        for trade in self.trades:
            trade.sl = max(trade.sl or 0, self.data.Low[-1] * 0.93)
"""
)

RESTING = (
    HEAD
    + """
class Resting(Strategy):
    def init(self):
        pass

    def next(self):
        price = self.data.Close[-1]
        if len(self.data) % 5 == 0:
            for order in self.orders:
                order.cancel()
            self.buy(size=0.2, limit=price * 0.985)
            self.sell(size=0.2, stop=price * 0.97)
            self.buy(size=0.1, stop=price * 1.02)
        if len(self.data) % 40 == 0:
            self.position.close()
"""
)

STOP_LIMIT = RESTING.replace("stop=price * 1.02", "stop=price * 1.02, limit=price * 1.03")

OPPOSITE = (
    HEAD
    + """
class Opposite(Strategy):
    def init(self):
        self.a = self.I(SMA, self.data.Close, 6)

    def next(self):
        if self.data.Close[-1] > self.a[-1]:
            self.buy(size=0.15)
        else:
            self.sell(size=0.25)
"""
)

TRAILING = (
    HEAD
    + """
class Trailing(TrailingStrategy):
    def init(self):
        super().init()
        self.set_trailing_sl(2)
        self.a = self.I(SMA, self.data.Close, 20)

    def next(self):
        super().next()
        if not self.position and self.data.Close[-1] > self.a[-1]:
            self.buy(size=0.9)
"""
)

UNITS = (
    HEAD
    + """
class Units(Strategy):
    def init(self):
        self.a = self.I(SMA, self.data.Close, 12)

    def next(self):
        price = self.data.Close[-1]
        if not self.position and price > self.a[-1]:
            self.buy(size=max(1, int(self.equity * 0.01 / (price * 0.05))), sl=price * 0.95)
        elif price < self.a[-1]:
            self.position.close()
"""
)

DRAWN_LINE = (
    HEAD
    + """
class DrawnLine(Strategy):
    def init(self):
        self.level = self.I(lambda c: np.full(len(c), np.nan), self.data.Close, overlay=True)

    def next(self):
        if not self.position:
            if self.data.Close[-1] > self.data.Open[-1]:
                self.buy(size=0.5)
        else:
            self.level[-1] = self.trades[-1].entry_price * 0.97
            if self.data.Close[-1] < self.level[-1]:
                self.position.close()
"""
)

HONEST = {
    "cross": CROSS,
    "brackets": BRACKETS,
    "parts": PARTS,
    "resting": RESTING,
    "opposite": OPPOSITE,
    "trailing": TRAILING,
    "units": UNITS,
}

# Each sees the future, in one of the ways that pass every check of prices.
CENTRED = (
    HEAD
    + """
class Centred(Strategy):
    def init(self):
        self.a = self.I(lambda c: pd.Series(c).rolling(11, center=True).mean(), self.data.Close)

    def next(self):
        if self.data.Close[-1] < self.a[-1] and not self.position:
            self.buy()
        elif self.data.Close[-1] > self.a[-1]:
            self.position.close()
"""
)

SHIFTED = (
    HEAD
    + """
class Shifted(Strategy):
    def init(self):
        self.tomorrow = self.I(lambda c: pd.Series(c).shift(-1), self.data.Close)

    def next(self):
        if self.tomorrow[-1] > self.data.Close[-1] and not self.position:
            self.buy()
        elif self.tomorrow[-1] < self.data.Close[-1]:
            self.position.close()
"""
)

WHOLE_SAMPLE = (
    HEAD
    + """
class WholeSample(Strategy):
    def init(self):
        self.z = self.I(lambda c: (c - c.mean()) / c.std(), self.data.Close)

    def next(self):
        if self.z[-1] < -0.5 and not self.position:
            self.buy()
        elif self.z[-1] > 0.2:
            self.position.close()
"""
)

PRIVATE = (
    HEAD
    + """
class Private(Strategy):
    def init(self):
        pass

    def next(self):
        everything = self.data._Data__df
        here = len(self.data)
        if here < len(everything) and everything["Close"].iloc[here] > self.data.Close[-1]:
            self.buy(size=0.2)
        else:
            self.position.close()
"""
)

CAPTURED = (
    HEAD
    + """
class Captured(Strategy):
    def init(self):
        self.closes = np.asarray(self.data.Close)

    def next(self):
        here = len(self.data) - 1
        ahead = self.closes[here + 1 : here + 4]
        if len(ahead) and ahead.max() > self.data.Close[-1] * 1.01 and not self.position:
            self.buy(size=0.5)
        elif self.position and len(ahead) and ahead.min() < self.data.Close[-1]:
            self.position.close()
"""
)

# Hindsight in what becomes of an order that is always placed.
CANCELS = (
    HEAD
    + """
class Cancels(Strategy):
    def init(self):
        self.closes = np.asarray(self.data.Close)

    def next(self):
        here = len(self.data) - 1
        order = self.buy(size=0.2, limit=self.data.Close[-1] * 0.995)
        if here + 2 < len(self.closes) and self.closes[here + 2] < self.data.Close[-1]:
            order.cancel()
        for trade in self.trades:
            trade.close()
"""
)

# Hindsight in `init`, where all bars are there.
AT_ONCE = (
    HEAD
    + """
class AtOnce(Strategy):
    def init(self):
        self.buy(size=50 / self.data.Close[-1])

    def next(self):
        if len(self.data) == 600:
            self.position.close()
"""
)

CHEATS = {
    "centred rolling": CENTRED,
    "shift(-1)": SHIFTED,
    "z-score of the whole sample": WHOLE_SAMPLE,
    "the private data frame": PRIVATE,
    "an array captured in init": CAPTURED,
    "cancels in time": CANCELS,
    "an order in init": AT_ONCE,
}


# Ways to keep the order list, by which hindsight is known, from telling the truth. Each is put at the end of a cheat.
LIES = {
    "hides orders": """
import sys
report = sys.modules["backtests.engine.inside.report"]
columns = report.columns
report.columns = lambda names, rows: columns(names, [] if "limit" in names else rows)
""",
    "keeps no orders": """
true = Shifted.next
def next(self):
    self._broker.placed.clear()
    true(self)
Shifted.next = next
""",
    "names an order on every bar": """
import sys
report = sys.modules["backtests.engine.inside.report"]
columns = report.columns
rows_of_all = [(bar, side, None, None, None, None, 0, 0) for bar in range(700) for side in (0.9, -0.9)]
report.columns = lambda names, rows: columns(names, rows_of_all if "limit" in names else rows)
""",
    "names limits on every bar": """
import sys
report = sys.modules["backtests.engine.inside.report"]
columns = report.columns
rows_of_all = [(bar, *row, None, None, None, 0, 0) for bar in range(700) for row in ((0.9, 1e6), (-0.9, 0.01))]
report.columns = lambda names, rows: columns(names, rows_of_all if "limit" in names else rows)
""",
    "compares by itself": """
import sys
for name, module in list(sys.modules.items()):
    if name.startswith("backtests.engine") and hasattr(module, "difference"):
        module.difference = lambda *_, **__: None
""",
}

DRAWN = (
    HEAD
    + """
import random

class Drawn(Strategy):
    def init(self):
        pass

    def next(self):
        if random.random() < 0.1:
            self.buy(size=0.1)
        elif np.random.random() < 0.2:
            self.position.close()
"""
)

LAST_DAYS = (
    HEAD
    + """
class LastDays(Strategy):
    def init(self):
        self.top = self.I(lambda h: pd.Series(h).rolling(20).max().shift(1), self.data.High)
        self.z = self.I(lambda c: (c - c.rolling(30).mean()) / c.rolling(30).std(), self.data.Close.s)

    def next(self):
        history = self.data.df.iloc[-5:]
        if self.data.Close[-1] > self.top[-1] and history.Volume.iloc[-1] > history.Volume.mean():
            self.buy(size=0.5, sl=self.data.Low[-1] * 0.95)
        elif self.z[-1] < -1:
            self.position.close()
"""
)

CLEAN = {**HONEST, "drawn by seed": DRAWN, "breakout": LAST_DAYS}
