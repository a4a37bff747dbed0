"""Strategies as people write them, and nothing wrong with them."""

from __future__ import annotations

from tests.backtests.rbi.check.samples import strategy

_LOOP = """
def ema(x, period):
    out = np.full(len(x), np.nan)
    out[period - 1] = x[:period].mean()
    for i in range(period, len(x)):
        out[i] = out[i - 1] + 2 / (period + 1) * (x[i] - out[i - 1])
    return out
"""
_WINDOW = """
def highest(x, n):
    values = [max(x[i - n + 1:i + 1]) for i in range(n - 1, len(x))]
    return [np.nan] * (n - 1) + values
def slope(x: np.ndarray, n: int = 10):
    result = np.zeros_like(x, dtype=float)
    for i in range(n, len(x)):
        window = x[i - n:i]
        result[i] = np.polyfit(np.arange(n), window, 1)[0]
        if window.std() > 0:
            result[i] /= window.std()
    return result
"""
_ATR = """
def atr(high, low, close, n):
    hi, lo, c1 = pd.Series(high), pd.Series(low), pd.Series(close).shift(1)
    tr = pd.concat([hi - lo, (hi - c1).abs(), (lo - c1).abs()], axis=1).max(axis=1)
    return tr.rolling(n).mean()
def bands(x, n=20, k=2.0):
    s = pd.Series(x)
    middle, width = s.rolling(n).mean(), s.rolling(n).std()
    return middle + k * width, middle - k * width
"""

CLEAN: dict[str, str] = {
    "crossing averages": strategy(
        "close = self.data.Close\nself.a = self.I(sma, close, 10)\nself.b = self.I(sma, close, self.n)",
        "if crossover(self.a, self.b):\n    self.position.close()\n    self.buy()\n"
        "elif crossover(self.b, self.a):\n    self.position.close()\n    self.sell()",
        before="def sma(x, n):\n    return pd.Series(x).rolling(n).mean()\n",
    ),
    "TA-Lib": strategy(
        "self.rsi = self.I(talib.RSI, self.data.Close, 14)\n"
        "self.macd, self.sig, self.hist = self.I(talib.MACD, self.data.Close, 12, 26, 9)",
        "price = self.data.Close[-1]\nif self.rsi[-1] < 30 and not self.position:\n"
        "    self.buy(size=0.5, sl=price * 0.97, tp=price * (1 + 0.06))\n"
        "elif self.rsi[-1] > 70:\n    self.position.close()",
        before="import talib\n",
    ),
    "loops over past bars": strategy("self.e = self.I(ema, self.data.Close, 20)", before=_LOOP),
    "windows that end at the bar": strategy(
        "self.h = self.I(highest, self.data.High, 20)\nself.s = self.I(slope, self.data.Close)", before=_WINDOW
    ),
    "true range and bands": strategy(
        "d = self.data\nself.atr = self.I(atr, d.High, d.Low, d.Close, 14)\nself.up, self.low = self.I(bands, d.Close)",
        before=_ATR,
    ),
    "windows in next": strategy(
        "pass",
        "recent = self.data.Close[-20:]\nif len(recent) < 20:\n    return\n"
        "if recent[-1] > recent.mean() + 2 * recent.std() and not self.position:\n    self.buy()",
    ),
    "peaks of the past": strategy(
        "pass",
        "peaks, _ = find_peaks(np.asarray(self.data.High))\n"
        "if len(peaks) and self.data.Close[-1] > self.data.High[peaks[-1]]:\n"
        "    self.buy()",
        before="from scipy.signal import find_peaks\n",
    ),
    "a frame of the past": strategy(
        "pass",
        "df = self.data.df\nif df.Close.mean() < df.Close.iloc[-1] and not self.position:\n    self.buy()",
    ),
    "a higher timeframe": strategy(
        "self.day = resample_apply('D', sma, self.data.Close, 10)",
        before="from backtesting.lib import resample_apply\n"
        "def sma(x, n):\n    return pd.Series(x).rolling(n).mean()\n",
    ),
    "shorts with stops": strategy(
        "self.low = self.I(lambda x: pd.Series(x).rolling(20).min().shift(1), self.data.Low)",
        "price = self.data.Close[-1]\nif price < self.low[-1] and not self.position:\n"
        "    self.sell(sl=price * 1.02, tp=price * 0.94)",
    ),
    "turning points that are dated when they are known": strategy(
        "self.lows = self.I(lows, self.data.Low, 5)",
        before="from scipy.signal import argrelextrema\ndef lows(low, order):\n    out = np.zeros(len(low))\n"
        "    places = argrelextrema(low, np.less, order=order)[0] + order\n"
        "    out[places[places < len(low)]] = 1\n    return out\n",
    ),
    "lines of one indicator": strategy(
        "lines = self.I(bands, self.data.Close)\nself.up, self.low = lines",
        "if self.data.Close[-1] > self.up[-1] and not self.position:\n    self.buy()",
        before=_ATR,
    ),
    "a class that the end of the script makes": "from backtesting import Strategy\ndef main():\n"
    "    class Mine(Strategy):\n        def init(self): pass\n        def next(self): self.buy()\n"
    "if __name__ == '__main__':\n    main()\n",
    "bars that are made of finer ones": strategy(
        before="from backtesting.test import GOOG\nbars = GOOG.resample('1h').last().dropna()\n"
    ),
    "renamed columns": strategy(
        "d = self.data.df.rename(columns={'Close': 'close'})\nself.m = self.I(lambda: d.close.rolling(9).mean())"
    ),
    "state between bars": strategy(
        "self.count = 0\nself.levels = []",
        "self.count += 1\nself.levels.append(self.data.High[-1])\n"
        "while len(self.levels) > 50:\n    self.levels.pop(0)\n"
        "while True:\n    if self.count < 100:\n        break\n    self.count -= 100\n    self.buy()",
    ),
    "a helper method": strategy(
        "self.r = self.I(lambda c: pd.Series(c).pct_change(5).fillna(0), self.data.Close)",
        "if self._strong():\n    self.enter()",
        more="def _strong(self):\n    last = self.r[-20:]\n    return last[-1] > np.mean(last)\n"
        "def enter(self):\n    self.buy(size=self.n)",
    ),
    "an expanding mean": strategy(
        "c = pd.Series(self.data.Close)\nself.z = self.I(lambda: (c - c.expanding().mean()) / c.expanding().std())"
    ),
    "a precomputed regime read at the bar": strategy(
        "self.up = (pd.Series(self.data.Close) > pd.Series(self.data.Close).rolling(50).mean()).to_numpy()",
        "i = len(self.data) - 1\nif self.up[i] and not self.position:\n    self.buy()",
    ),
    "VWAP and volume": strategy(
        "self.v = self.I(vwap, self.data.Close, self.data.Volume)",
        before="def vwap(c, v):\n    c, v = pd.Series(c), pd.Series(v)\n    return (c * v).cumsum() / v.cumsum()\n",
    ),
    "a signal strategy": "from backtesting.lib import SignalStrategy, TrailingStrategy\nimport pandas as pd\n"
    "class Mine(SignalStrategy, TrailingStrategy):\n    def init(self):\n        super().init()\n"
    "        mean = self.I(lambda x: pd.Series(x).rolling(20).mean(), self.data.Close)\n"
    "        signal = (pd.Series(mean) > self.data.Close).astype(int).diff().fillna(0)\n"
    "        self.set_signal(entry_size=signal * 0.95)\n        self.set_trailing_sl(2)\n",
    "with its own runner": strategy()
    + "if __name__ == '__main__':\n    import sys\n    data = pd.read_csv(sys.argv[1], index_col=0, parse_dates=True)\n"
    "    print(Backtest(data, Mine, cash=10_000).run())\n    print(data.Close.mean())\n",
}
