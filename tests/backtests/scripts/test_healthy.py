"""A script that runs as it is gives what bare backtesting.py gives, to the last bit."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Any

import backtesting
import numpy as np
import pandas as pd
import pandas_ta
import pytest
import talib
from backtesting import Backtest, Strategy, lib

from backtests.engine.inside import script
from tests.backtests.scripts.loading import load
from tests.backtests.scripts.market import market

READ = 'pd.read_csv("{path}", index_col=0, parse_dates=True)'
HEALTHY = {
    "crossing averages with shorts": """
import pandas as pd
from backtesting import Backtest, Strategy
from backtesting.lib import crossover

def sma(values, n):
    return pd.Series(values).rolling(n).mean()

class Cross(Strategy):
    fast = 8
    slow = 21
    def init(self):
        self.a = self.I(sma, self.data.Close, self.fast)
        self.b = self.I(sma, self.data.Close, self.slow)
    def next(self):
        if crossover(self.a, self.b):
            self.position.close()
            self.buy(size=0.7)
        elif crossover(self.b, self.a):
            self.position.close()
            self.sell(size=0.7)

stats = Backtest({read}, Cross, cash=10_000, commission=0.001).run(slow=30)
""",
    "stops, targets and whole sizes": """
import pandas as pd
import talib
from backtesting import Backtest, Strategy

class Bracket(Strategy):
    def init(self):
        self.atr = self.I(talib.ATR, self.data.High, self.data.Low, self.data.Close, 14)
        self.rsi = self.I(talib.RSI, self.data.Close, 7)
    def next(self):
        price = self.data.Close[-1]
        if not self.position and self.rsi[-1] < 35:
            self.buy(size=int(self.equity * 0.3 / price), sl=price - 2 * self.atr[-1], tp=price + 3 * self.atr[-1])
        for trade in self.trades:
            if price > trade.entry_price * 1.01:
                trade.sl = trade.entry_price

stats = Backtest({read}, Bracket, cash=50_000, spread=0.0002).run()
""",
    "columns of its own and limit orders": """
import numpy as np
import pandas as pd
from backtesting import Backtest, Strategy

data = {read}
data["mean"] = data.Close.rolling(30).mean()
data["gap"] = (data.Close - data["mean"]).fillna(0)

class Columns(Strategy):
    def init(self):
        self.data.df["wide"] = self.data.df["gap"].abs().ewm(span=20).mean()
        self.mean = self.I(lambda: self.data.mean_, name="mean") if "mean_" in data else self.I(np.array, data["mean"])
    def next(self):
        for order in self.orders:
            order.cancel()
        if not self.position and self.data.gap[-1] < -self.data.wide[-1]:
            self.buy(size=0.5, limit=self.data.Close[-1] * 0.999)
        elif self.position and self.data.gap[-1] > 0:
            self.position.close()

stats = Backtest(data, Columns, cash=10_000, commission=(0.1, 0.0005), exclusive_orders=True).run()
""",
    "several lines, a trailing stop and closing on close": """
import pandas as pd
import talib
from backtesting import Backtest
from backtesting.lib import TrailingStrategy, resample_apply

class Trailing(TrailingStrategy):
    def init(self):
        super().init()
        self.set_trailing_sl(3)
        self.bands = self.I(talib.BBANDS, self.data.Close, 20, 2, 2)
        self.hourly = resample_apply("1h", talib.EMA, self.data.Close, 10)
    def next(self):
        super().next()
        if not self.position and self.data.Close[-1] > self.hourly[-1]:
            self.buy(size=0.9)
        elif self.data.Close[-1] < self.bands[2][-1]:
            self.position.close(0.5)

stats = Backtest({read}, Trailing, cash=10_000, margin=0.5, trade_on_close=True, finalize_trades=True).run()
""",
    "an array looked up by its place": """
import pandas as pd
from backtesting import Backtest, Strategy

class ByPlace(Strategy):
    def init(self):
        self.mean = pd.Series(self.data.Close).rolling(10).mean()
        self.highs = self.data.High.df
    def next(self):
        at = len(self.data) - 1
        if self.data.Close[-1] > self.mean[at] and not self.position:
            self.buy()
        elif self.data.Close[-1] < self.mean.iloc[at]:
            self.position.close()

stats = Backtest({read}, ByPlace, cash=10_000).run()
""",
}


def bare(source: str) -> pd.Series:
    place: dict[str, Any] = {"__name__": "__main__"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(source, place)  # noqa: S102
    stats = place["stats"]
    assert isinstance(stats, pd.Series)
    return stats


@pytest.mark.parametrize("name", HEALTHY)
def test_it_gives_the_numbers_of_bare_backtesting(name: str, tmp_path: Path) -> None:
    frame = market(900)
    frame.to_csv(tmp_path / "bars.csv", index_label="Date")
    source = HEALTHY[name].replace("{read}", READ.format(path=tmp_path / "bars.csv"))
    reference = bare(source)
    loaded, notes = load(source, frame)
    assert reference["# Trades"] > 3
    public = [key for key in reference.index if not key.startswith("_")]
    pd.testing.assert_series_equal(loaded.stats[public], reference[public], check_exact=True)
    pd.testing.assert_frame_equal(loaded.stats["_trades"], reference["_trades"], check_exact=True)
    assert notes == ["The run's data set was supplied for the file that the script reads."]


def test_it_leaves_everything_as_it_was() -> None:
    places = (pd, np, pd.DataFrame, pd.Series, talib, pandas_ta, lib, backtesting, Strategy, sys.modules["os"])
    before = [dict(vars(place)) for place in places]
    modules = dict(sys.modules)
    load("import yfinance as yf\n" + HEALTHY["an array looked up by its place"].replace("{read}", 'yf.download("X")'))
    assert [dict(vars(place)) for place in places] == before
    assert "yfinance" not in sys.modules
    assert sys.modules["backtesting.lib"] is modules["backtesting.lib"]
    assert backtesting.Backtest is Backtest


def test_it_leaves_everything_as_it_was_after_a_failure() -> None:
    before = dict(vars(pd))
    with pytest.raises(script.ScriptFailed):
        load("import pandas as pd\nprint(pd.read_csv('x.csv'))\n")
    assert dict(vars(pd)) == before
