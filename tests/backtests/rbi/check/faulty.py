"""Strategies as people write them with a fault that the check names."""

from __future__ import annotations

from tests.backtests.rbi.check.samples import HEAD, strategy

BUY = "\nif not self.position:\n    self.buy()"

# The fault's code and a module that has it.
BAD: list[tuple[str, str]] = [
    ("future_shift", strategy("self.ahead = self.I(lambda x: pd.Series(x).shift(-1), self.data.Close)")),
    ("future_shift", strategy("self.ahead = self.I(lambda x: pd.Series(x).pct_change(-3), self.data.Close)")),
    ("future_shift", strategy("self.ahead = self.I(np.roll, self.data.Close, 1)\nx = np.roll(self.data.Close, -1)")),
    ("future_shift", strategy("k = 2\nself.f = self.I(lambda x: pd.Series(x).shift(periods=-k), self.data.Close)")),
    (
        "future_shift",
        strategy("x = np.array(self.data.Close)\nself.f = self.I(lambda: np.append(x[1:], np.nan))"),
    ),
    (
        "future_shift",
        strategy(
            "self.f = self.I(ahead, self.data.Close)",
            before="def ahead(x):\n    out = np.full(len(x), np.nan)\n    out[:-1] = x[1:]\n    return out\n",
        ),
    ),
    (
        "centred_window",
        strategy("self.m = self.I(lambda x: pd.Series(x).rolling(21, center=True).mean(), self.data.Close)"),
    ),
    ("centred_window", strategy("self.m = self.I(lambda x: np.convolve(x, np.ones(5) / 5, 'same'), self.data.Close)")),
    (
        "whole_series",
        strategy("c = pd.Series(self.data.Close)\nself.z = self.I(lambda: (c - c.mean()) / c.std())"),
    ),
    (
        "whole_series",
        strategy(
            "self.z = self.I(zscore, self.data.Close)",
            before="def zscore(x):\n    x = pd.Series(x)\n    return (x - x.mean()) / x.std()\n",
        ),
    ),
    ("whole_series", strategy("self.level = np.percentile(self.data.Close, 90)")),
    ("whole_series", strategy("self.top = max(self.data.High)")),
    ("whole_series", strategy("self.cut = self.data.df['Volume'].quantile(0.8)")),
    (
        "whole_series",
        strategy(
            "c = np.asarray(self.data.Close)\na, b = np.polyfit(range(len(c)), c, 1)\nself.t = self.I(lambda: c - b)"
        ),
    ),
    (
        "whole_series",
        strategy(
            "self.s = self.I(scaled, self.data.Close)",
            before="def scaled(x):\n    return Scaler().fit_transform(x.reshape(-1, 1)).ravel()\n",
        ),
    ),
    ("last_bar", strategy("self.end = self.data.Close[-1]")),
    (
        "last_bar",
        strategy(
            "self.m = self.I(high_ahead, self.data.High)",
            before="def high_ahead(x):\n    return pd.Series(x[::-1]).rolling(5).max()[::-1]\n",
        ),
    ),
    ("last_bar", strategy("s = pd.Series(self.data.Close)\nself.r = self.I(lambda: s / s.iloc[-1])")),
    ("captured_array", strategy("self.close = self.data.Close", "if self.close[-1] > 10:\n    self.buy()")),
    (
        "captured_array",
        strategy(
            "self.close = np.array(self.data.Close)",
            "i = len(self.data) - 1\nif self.close[i + 1] > self.close[i]:\n    self.buy()",
        ),
    ),
    (
        "captured_array",
        strategy(
            "self.sma = talib.SMA(self.data.Close, 20)",
            "if crossover(self.data.Close, self.sma):\n    self.buy()",
            before="import talib\n",
        ),
    ),
    (
        "captured_array",
        strategy("self.frame = self.data.df", "if self.frame['Close'].iloc[-1] > 10:\n    self.buy()"),
    ),
    ("captured_array", strategy("self.h = self.data.High.s", "if self.h[-20:].max() > 9:\n    self.buy()")),
    (
        "outer_data",
        strategy(
            "pass",
            "if data['Close'].iloc[len(self.data)] > self.data.Close[-1]:\n    self.buy()",
            before="data = pd.read_csv('btc.csv')\n",
        ),
    ),
    ("private_data", strategy("pass", "df = self.data._Data__df" + BUY)),
    ("private_data", strategy("pass", "x = self._broker._data.Close" + BUY)),
    ("private_data", strategy("self.all = getattr(self.data, '_Data__arrays')")),
    ("private_data", strategy("pass", "frame = sys._getframe(1)" + BUY, before="import sys\n")),
    ("private_data", strategy("pass", "x = self.data.__data" + BUY)),
    ("future_fill", strategy("s = pd.Series(self.data.Close).bfill()\nself.f = self.I(lambda: s)")),
    ("future_fill", strategy("s = pd.Series(self.data.Close).fillna(method='bfill')\nself.f = self.I(lambda: s)")),
    ("future_fill", strategy("s = pd.Series(self.data.Close).interpolate()\nself.f = self.I(lambda: s)")),
    (
        "future_fill",
        strategy(
            "d = self.data.df\nm = pd.merge_asof(d, d, on='time', direction='forward')\n"
            "self.f = self.I(lambda: m.Close)"
        ),
    ),
    (
        "early_label",
        strategy(
            "d = self.data.df.resample('4h').last()\nself.f = self.I(lambda: d.Close.reindex(self.data.index).ffill())"
        ),
    ),
    (
        "two_sided_filter",
        strategy(
            "self.p = self.I(peaks, self.data.High)",
            before="from scipy.signal import argrelextrema\n"
            "def peaks(x):\n    out = np.zeros(len(x))\n"
            "    out[argrelextrema(x, np.greater, order=5)[0]] = 1\n    return out\n",
        ),
    ),
    (
        "two_sided_filter",
        strategy(
            "p, _ = find_peaks(self.data.Close)\nself.n = len(p)",
            before="from scipy.signal import find_peaks\n",
        ),
    ),
    (
        "two_sided_filter",
        strategy(
            "self.s = self.I(lambda x: savgol_filter(x, 11, 3), self.data.Close)",
            before="from scipy.signal import savgol_filter\n",
        ),
    ),
    (
        "two_sided_filter",
        strategy(
            "self.s = self.I(lambda x: signal.filtfilt([1], [1, 2], x), self.data.Close)",
            before="from scipy import signal\n",
        ),
    ),
    (
        "future_index",
        strategy(
            "self.f = self.I(future, self.data.Close)",
            before="def future(x):\n    out = np.zeros(len(x))\n    for i in range(len(x) - 1):\n"
            "        out[i] = x[i + 1] > x[i]\n    return out\n",
        ),
    ),
    (
        "future_index",
        strategy(
            "self.f = self.I(window, self.data.Close, 5)",
            before="def window(x, n):\n    out = np.zeros(len(x))\n    for i in range(len(x) - n):\n"
            "        out[i] = x[i:i + n].max()\n    return out\n",
        ),
    ),
    ("future_index", strategy("pass", "i = len(self.data) - 1\nif self.data.Close[i + 1] > 1:\n    self.buy()")),
    ("no_strategy", "import pandas as pd\nprint(pd.__version__)\n"),
    ("no_next", HEAD + "class Mine(Strategy):\n    def init(self):\n        self.buy()\n"),
    ("never_trades", strategy("pass", "x = self.data.Close[-1]")),
    ("never_trades", strategy("pass", "if False:\n    self.buy()")),
    ("never_trades", strategy("pass", "if self.position:\n    self.buy()")),
    ("never_trades", strategy("self.rsi = 1", "if self.rsi[-1] > 70 and self.rsi[-1] < 30:\n    self.buy()")),
    ("size", strategy("pass", "self.buy(size=0)")),
    ("size", strategy("pass", "self.buy(size=1.5)")),
    ("wrong_side", strategy("pass", "self.buy(sl=self.data.Close[-1] * 1.02)")),
    ("wrong_side", strategy("pass", "price = self.data.Close[-1]\nself.sell(sl=price * (1 - 0.02))")),
    ("wrong_side", strategy("pass", "price = self.data.Close[-1]\nself.sell(tp=price * 1.05)")),
    ("missing_package", strategy(before="from sklearn.preprocessing import StandardScaler\n")),
    ("missing_package", strategy(before="import vectorbt as vbt\n")),
    ("missing_package", strategy(before="from .indicators import mine\n")),
    (
        "unknown_indicator",
        strategy("self.v = self.I(lambda c: ta.SUPERTREND2(c), self.data.Close)", before="import talib as ta\n"),
    ),
    ("unknown_indicator", strategy("self.v = talib.PIVOT(self.data.Close)", before="import talib\n")),
    ("downloads", strategy(before="import yfinance as yf\n")),
    ("network", strategy(before="import requests\n")),
    ("network", strategy(before="from urllib.request import urlopen\n")),
    ("file", strategy("pass", "open('trades.txt', 'a').write('x')" + BUY)),
    ("file", strategy("self.data.df.to_csv('out.csv')")),
    ("reads_file", strategy(before="data = pd.read_csv('/home/me/BTC-USD-15m.csv')\n")),
    ("system", strategy(before="import os\nos.system('pip install ta')\n")),
    ("decoration", strategy(before="import matplotlib.pyplot as plt\n")),
    ("reads_file", strategy(before="rows = open('bars.csv').read()\n")),
    ("endless_loop", strategy("pass", "while True:\n    x = 1" + BUY)),
    ("endless_loop", strategy("pass", "i = 0\nwhile i < 10:\n    x = self.data.Close[-1]" + BUY)),
    ("endless_loop", strategy("for i in itertools.count():\n    pass", before="import itertools\n")),
    ("syntax", strategy("self.x = (1 + 2")),
    ("syntax", "```python\n" + strategy() + "```\n"),
    ("syntax", "Here is the strategy that you asked for:\n" + strategy()),
    ("syntax", strategy("if True\n    pass")),
    ("syntax", strategy("print 'hello'")),
    ("syntax", strategy("self.name = “RSI”")),
    ("syntax", strategy().rstrip()[:-2] + "("),
]
