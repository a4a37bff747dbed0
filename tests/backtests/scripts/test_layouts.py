"""The data set in the shape of whatever file a script expects."""

from __future__ import annotations

import io
from typing import Any

import pandas as pd
import pytest

from backtests.engine.inside.script import Notes, ScriptFailed
from backtests.engine.inside.script.data.supply import Supply
from tests.backtests.scripts.loading import load
from tests.backtests.scripts.market import market

BUY = """
class Buy(Strategy):
    def init(self):
        pass
    def next(self):
        if not self.position:
            self.buy(size=0.5)
"""
RUN = "Backtest(df, Buy).run()\n"
READERS = {
    "index by place": 'df = pd.read_csv("x.csv", index_col=0, parse_dates=True)',
    "index by name": 'df = pd.read_csv("x.csv", index_col="Local time", parse_dates=["Local time"])',
    "lower case, renamed by hand": """
df = pd.read_csv("x.csv").rename(columns={"ts": "Date", "o": "Open", "h": "High", "l": "Low", "c": "Close"})
df["Date"] = pd.to_datetime(df["Date"], unit="ms")
df = df.set_index("Date")""",
    "seconds": """
df = pd.read_csv("x.csv")
df.index = pd.to_datetime(df["unix"], unit="s")
df.columns = [c.capitalize() for c in df.columns]""",
    "no header": """
df = pd.read_csv("x.csv", header=None, names=["t", "Open", "High", "Low", "Close", "Volume"], index_col=0)""",
    "its own parser": """
df = pd.read_csv("x.csv", parse_dates=["Date"], index_col="Date",
                 date_parser=lambda x: pd.to_datetime(x, format="%d/%m/%Y %H:%M"))""",
    "a dictionary of dates": 'df = pd.read_csv("x.csv", parse_dates={"when": ["<DATE>", "<TIME>"]}, index_col="when")',
    "no time at all": 'df = pd.read_csv("x.csv")[["Open", "High", "Low", "Close", "Volume"]]',
    "pickle": 'df = pd.read_pickle("cache/btc.pkl")',
    "excel": 'df = pd.read_excel("x.xlsx", sheet_name="prices", index_col="Date")',
    "numpy": """
raw = np.genfromtxt("x.csv", delimiter=",", skip_header=1)
df = pd.DataFrame(raw[:, 1:6], columns=["Open", "High", "Low", "Close", "Volume"])""",
    "a ticker": """
import yfinance as yf
df = yf.Ticker("MSFT").history(period="max")""",
    "a reader of pandas": """
import pandas_datareader.data as web
df = web.DataReader("SPY", "yahoo", "2010-01-01")""",
    "an exchange": """
from binance.client import Client
rows = Client("key", "secret").get_historical_klines("BTCUSDT", "15m", "1 Jan 2020")
df = pd.DataFrame(rows).iloc[:, :6].astype(float)
df.columns = ["time", "Open", "High", "Low", "Close", "Volume"]
df["time"] = pd.to_datetime(df["time"], unit="ms")
df = df.set_index("time")""",
    "dates of the author": 'df = pd.read_csv("x.csv", index_col=0, parse_dates=True).loc["2015-01-01":"2019-12-31"]',
    "a zone of the author": """
df = pd.read_csv("x.csv", index_col=0, parse_dates=True)
df.index = df.index.tz_localize("America/New_York")""",
    "prices in thousandths": """
df = pd.read_csv("x.csv", index_col=0, parse_dates=True)
df[["Open", "High", "Low", "Close"]] = df[["Open", "High", "Low", "Close"]] / 1000""",
}


@pytest.mark.parametrize("name", READERS)
def test_it_supplies_the_data_set(name: str) -> None:
    source = "from backtesting import Backtest, Strategy\nimport numpy as np\nimport pandas as pd\n"
    loaded, notes = load(source + BUY + READERS[name] + "\n" + RUN)
    expected = market(400)
    assert list(loaded.frame.index) == list(expected.index)
    prices = ["Open", "High", "Low", "Close"]
    assert (loaded.frame[prices].to_numpy() == expected[prices].to_numpy()).all()
    assert any("was supplied" in note for note in notes)


def test_it_takes_the_part_that_the_script_takes() -> None:
    read = 'df = pd.read_csv("x.csv", index_col=0, parse_dates=True).iloc[100:300]\n'
    loaded, _ = load(BUY + read + RUN, head=True)
    assert list(loaded.frame.index) == list(market(400).index[100:300])


@pytest.mark.parametrize(("rule", "label"), [("1h", "left"), ("4h", "right")])
def test_it_makes_longer_bars_as_the_script_does(rule: str, label: str) -> None:
    read = f"""
df = pd.read_csv("x.csv", index_col=0, parse_dates=True).resample("{rule}", label="{label}").agg(
    {{"Open": "first", "High": "max", "Low": "min", "Close": "last", "Volume": "sum"}})
df["mean"] = df.Close.rolling(3).mean()
"""
    loaded, _ = load(BUY + read + RUN, head=True)
    seconds = int(pd.Timedelta(rule).total_seconds())
    assert loaded.timeframe == f"{seconds}s {label} left"
    assert "mean" in loaded.frame


def test_it_refuses_prices_that_nobody_traded_at() -> None:
    read = (
        'df = pd.read_csv("x.csv", index_col=0, parse_dates=True)\ndf["Close"] = df.Close.rolling(2).mean().bfill()\n'
    )
    with pytest.raises(ScriptFailed) as failed:
        load(BUY + read + RUN, head=True)
    assert failed.value.kind == "changed_prices"


def test_it_reads_every_price_to_the_last_bit() -> None:
    frame = market(400) / 3
    loaded, _ = load(BUY + 'df = pd.read_csv("x.csv", index_col=0, parse_dates=True)\n' + RUN, frame, head=True)
    assert (loaded.frame["Close"].to_numpy() == frame["Close"].to_numpy()).all()


@pytest.mark.parametrize(
    "options",
    [{}, {"index_col": 0}, {"index_col": "Date", "parse_dates": True}, {"parse_dates": ["Date"]}, {"index_col": False}],
)
def test_it_reads_at_once_what_pandas_reads_of_the_text(options: dict[str, Any]) -> None:
    supply = Supply(market(200), Notes())
    with_text = pd.read_csv(io.StringIO(supply.text()), float_precision="round_trip", **options)
    pd.testing.assert_frame_equal(supply.read_csv("x.csv", **options), with_text, check_exact=True)
