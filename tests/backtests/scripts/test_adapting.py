"""What single adapters do, and that none of them lets a strategy see the future."""

from __future__ import annotations

import textwrap
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from backtests.engine.inside.script import ScriptFailed
from backtests.engine.inside.script.patches.indicators import fitted
from tests.backtests.scripts.loading import load, strategy
from tests.backtests.scripts.market import market

pytestmark = pytest.mark.slow(0.1)

RUN = 'Backtest(pd.read_csv("x.csv", index_col=0, parse_dates=True), Once).run()\n'


def notes_of(init: str, then: str = "pass") -> list[str]:
    return load(strategy(init, then) + RUN, head=True)[1]


def test_it_shows_a_series_of_init_bar_by_bar() -> None:
    seen = """
        self.mean = self.data.Close.rolling(5).mean()
        self.seen = []
    """
    loaded, _ = load(strategy(seen, "self.seen.append((len(self.data), self.mean[-1]))") + RUN, head=True)
    expected = market(400)["Close"].rolling(5).mean()
    shown = loaded.stats["_strategy"].seen
    assert all(value == expected.iloc[bars - 1] for bars, value in shown)
    assert len(shown) > 300


def test_it_reads_minus_one_of_a_whole_series_as_the_bar_of_the_moment() -> None:
    init = "self.close = self.data.Close.s\nself.seen = []"
    loaded, notes = load(strategy(init, "self.seen.append((len(self.data), self.close[-1]))") + RUN, head=True)
    closes = market(400)["Close"]
    assert all(value == closes.iloc[bars - 1] for bars, value in loaded.stats["_strategy"].seen)
    assert "pandas 3 reads series[-1] as a label; it was read as a place." in notes


def test_it_cannot_be_led_past_the_bar_of_the_moment() -> None:
    init = "self.close = self.data.Close.s"
    with pytest.raises(KeyError, match="350"):
        load(strategy(init, "self.close[350]") + RUN, head=True)


@pytest.mark.parametrize(
    ("made", "shape", "said"),
    [
        ([1.0, 2.0, 3.0, 4.0], (4,), "different kinds"),
        ([2.0, 3.0], (4,), "fewer values"),
        ([0.0, 1.0, 2.0, 3.0, 4.0], (4,), "more values"),
        (7, (4,), "one number"),
        ((np.arange(4.0), [1, 2, 3]), (2, 4), "fewer values"),
        ({"a": np.arange(4), "b": np.arange(4)}, (2, 4), "by name"),
        (pd.Series([1.0, 2.0], index=pd.date_range("2024-01-02", periods=2)), (4,), "misses bars"),
        (np.arange(4).reshape(4, 1), (4,), ""),
    ],
)
def test_it_fits_a_result_to_the_bars(made: object, shape: tuple[int, ...], said: str) -> None:
    values, text = fitted(made, pd.date_range("2024-01-01", periods=4))
    assert values.shape == shape
    assert values.dtype == float
    assert said in text


def test_it_puts_a_series_with_times_where_it_belongs() -> None:
    values, _ = fitted(pd.Series([5.0], index=pd.DatetimeIndex(["2024-01-02"])), pd.date_range("2024-01-01", periods=3))
    assert np.isnan(values[[0, 2]]).all()
    assert values[1] == 5.0


def test_it_names_an_indicator_that_gives_nothing() -> None:
    with pytest.raises(ScriptFailed, match="empty gives nothing"):
        load(strategy("def empty(x):\n    pass\nself.x = self.I(empty, self.data.Close)") + RUN, head=True)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("self.sell(size=2.7)", "rounded down"),
        ("self.buy(size=-1)", "size 0 or less"),
        ("self.buy(size=float('nan'))", "size is no number"),
        ("self.buy(size=np.array([0.2, 0.1]))", ""),
        ("self.buy(sl=self.data.Close[-1] * 2)", "Buy orders were refused"),
        ("self.sell(tp=self.data.Close[-1] * 2)", "Sell orders were refused"),
        ("self.buy(sl=-5)", "can never be reached"),
        ("self.buy(sl=np.nan)", "is no number"),
        ("self.buy(take_profit=1e6)", "no argument take_profit; it was passed as tp"),
        ("self.buy(size=0.1, exectype='Market')", "no argument exectype"),
        ("self.position.close(2)", "the whole position was closed"),
        ("self.broker.getvalue()", "no self.broker.getvalue"),
        ("self.position.avg_price", "no self.position.avg_price"),
        ("[trade.pnl for trade in self.trades]", "no trade.pnl"),
        ("self.position.is_long()", "is no method"),
    ],
)
def test_it_takes_orders_as_they_are_written(call: str, said: str) -> None:
    notes = "\n".join(notes_of("pass", call))
    assert said in notes


def test_it_says_each_adaptation_once() -> None:
    assert len([note for note in notes_of("pass", "self.buy(size=1.5)") if "rounded down" in note]) == 1


def test_it_ends_optimize_by_its_own_clock() -> None:
    source = strategy("self.x = self.I(talib.SMA, self.data.Close, self.n)").replace(
        "def init", "n = 3\n    def init", 1
    )
    run = 'Backtest(pd.read_csv("x.csv", index_col=0, parse_dates=True), Once).optimize(n=range(3, 60))\n'
    loaded, notes = load(source + run, head=True, optimise_sec=0.0)
    assert loaded.trials == 1
    assert "optimize() was stopped after 0 s: 1 of 57 combinations were tried." in notes


def test_it_finds_what_backtesting_finds_in_optimize() -> None:
    source = """
        class Fast(Strategy):
            n = 5
            def init(self):
                self.x = self.I(talib.EMA, self.data.Close, self.n)
            def next(self):
                if self.data.Close[-1] > self.x[-1]:
                    self.buy(size=0.5)
                else:
                    self.position.close()

        bt = Backtest(pd.read_csv("x.csv", index_col=0, parse_dates=True), Fast)
        best, heat = bt.optimize(n=[5, 10, 20], maximize="Return [%]", return_heatmap=True)
        assert heat.idxmax() == (best._strategy.n,)
        assert heat.max() == best["Return [%]"]
    """
    loaded, _ = load(textwrap.dedent(source), head=True)
    assert loaded.trials == 3
    assert set(loaded.parameters) == {"n"}


def test_it_counts_no_trial_twice() -> None:
    loaded, notes = load(strategy("pass") + RUN + RUN, head=True)
    assert loaded.trials == 2
    assert "The script runs 2 backtests; the result is that of the last, Once." in notes


def test_it_reports_the_settings_of_the_script() -> None:
    source = strategy("pass") + 'Backtest(pd.read_csv("x.csv", index_col=0), Once, cash=5_000, commission=0.01).run()\n'
    loaded, _ = load(source, head=True)
    assert loaded.settings == {"cash": 5_000, "commission": 0.01}


def test_it_runs_each_backtest_once() -> None:
    calls: list[dict[str, object]] = []

    def engine(kind: type, frame: pd.DataFrame, parameters: dict[str, object], settings: object) -> pd.Series:
        calls.append(dict(parameters))
        return pd.Series({"# Trades": 1})

    load(strategy("pass") + RUN, head=True, run=engine)
    load(strategy("pass"), head=True, run=engine)
    assert calls == [{}, {}]


@pytest.mark.parametrize(
    ("source", "kind", "line"),
    [
        ("x = 1\n", "no_strategy", None),
        ("import zipline\n", "not_backtesting", 1),
        ("\nimport sklearn.svm\nsklearn.svm.SVC()\n", "import", 2),
        ("from talib import SMMA\n", "unknown_indicator", 1),
        ("from backtesting.lib import crosover\ncrosover()\n", "unknown_indicator", 1),
        ("import json\njson.load(open('config.json'))\n", "missing_file", 2),
        ("import urllib.request\nurllib.request.urlopen('http://127.0.0.1:9')\n", "network", 2),
    ],
)
def test_it_names_why_a_script_cannot_run(source: str, kind: str, line: int | None) -> None:
    with pytest.raises(ScriptFailed) as failed:
        load(source)
    assert (failed.value.kind, failed.value.line) == (kind, line)


def test_it_keeps_failures_of_the_strategy_as_they_are() -> None:
    with pytest.raises(ZeroDivisionError):
        load(strategy("pass", "1 / 0") + RUN, head=True)


def test_it_raises_what_a_script_swallows() -> None:
    source = strategy("pass", "1 / 0") + "try:\n    " + RUN + "except Exception as error:\n    print(error)\n"
    with pytest.raises(ZeroDivisionError):
        load(source, head=True)


def test_it_says_that_there_is_no_volume() -> None:
    frame = market(300).assign(Volume=np.nan)
    _, notes = load(strategy("self.v = self.I(talib.SMA, self.data.Volume, 5)") + RUN, frame, head=True)
    assert "The data set has no volume; what the script computes of it has no value." in notes


def test_it_writes_nothing(tmp_path: Path) -> None:
    source = strategy("pass") + (
        'stats = Backtest(pd.read_csv("x.csv", index_col=0), Once).run()\n'
        f'stats.to_csv("{tmp_path}/a.csv")\nopen("{tmp_path}/b.txt", "w").write("x")\n'
        f'import os\nos.makedirs("{tmp_path}/c")\n'
    )
    _, notes = load(source, head=True)
    assert list(tmp_path.iterdir()) == []
    assert "Files that the script writes are not kept." in notes


def test_it_assigns_as_pandas_did_before_it_copied() -> None:
    source = """
        df = pd.read_csv("x.csv", index_col=0, parse_dates=True)
        df["a"] = 0
        df["b"] = ""
        df["a"][df.Close > 0] = 1
        df.a.iloc[:10] = 2
        df["a"][5] += 0.5
        df.loc[df.a == 2, "b"] = 3
        df["a"].replace(1, 9, inplace=True)
        held = {"x": [1, 2]}
        held["x"][0] += 4
        assert df.a.tolist()[:12] == [2, 2, 2, 2, 2, 2.5, 2, 2, 2, 2, 9, 9]
        assert df.b.tolist()[:7] == [3, 3, 3, 3, 3, "", 3]
        assert held == {"x": [5, 2]}
    """
    load(textwrap.dedent(source) + strategy("pass") + "Backtest(df, Once).run()\n", head=True)


def test_it_leaves_a_strategy_alone_that_only_looks_at_what_an_array_has() -> None:
    init = """
        self.plain = self.data.Close.values if hasattr(self.data.Close, "values") else np.array(self.data.Close)
    """
    loaded, notes = load(strategy(init) + RUN, head=True)
    assert len(loaded.stats["_strategy"].plain) == 400
    assert not any("indicators" in note or "Methods of pandas" in note for note in notes)
