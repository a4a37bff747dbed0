"""The numbers are those of backtesting.py, though they are computed anew from the fills."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from backtesting.lib import FractionalBacktest

from backtests.datasets.inside import framed
from backtests.engine import placing, said
from backtests.engine.checking import Bars
from backtests.engine.running import read_bars
from backtests.engine.settings import MICRO, Settings
from backtests.engine.statistics import open_trades_of, plain
from backtests.engine.verifying import Verified, verify
from tests.backtests.engine.asking import FRAMES, FREE, ask, bare, child
from tests.backtests.engine.strategies import CROSS, DRAWN_LINE, HEAD, HONEST, OPPOSITE, PARTS, RESTING, STOP_LIMIT

pytestmark = pytest.mark.slow(0.2)

SETTINGS = {
    "usual": Settings(),
    "free": FREE,
    "several trades": Settings(exclusive_orders=False),
    "fixed commission": Settings(commission=0.002, commission_fixed=1.5, exclusive_orders=False),
    "margin": Settings(margin=0.1, exclusive_orders=False),
    "on close": Settings(trade_on_close=True, exclusive_orders=False),
    "left open": Settings(finalize_trades=False, exclusive_orders=False),
    "ruin": Settings(margin=0.01, commission=0.0, exclusive_orders=False),
}
TRADED = ["Size", "EntryBar", "ExitBar", "EntryPrice", "ExitPrice", "SL", "TP", "PnL", "Commission", "ReturnPct"]


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
@pytest.mark.parametrize("code", HONEST.values(), ids=HONEST)
def test_it_gives_the_numbers_of_backtesting_py(tmp_path: Path, code: str, settings: Settings) -> None:
    frame = FRAMES["GOOG"].iloc[:300]
    assert_same(verified(tmp_path, code, frame, settings), bare(code, frame, settings))


@pytest.mark.parametrize("code", [CROSS, PARTS, OPPOSITE], ids=["cross", "parts", "opposite"])
def test_it_gives_them_for_hourly_bars_and_leverage(tmp_path: Path, code: str) -> None:
    settings = Settings(margin=0.05, commission=0.0, commission_fixed=0.2, spread=0.0001, exclusive_orders=False)
    assert_same(verified(tmp_path, code, FRAMES["EURUSD"], settings), bare(code, FRAMES["EURUSD"], settings))


@pytest.mark.parametrize("code", [CROSS, PARTS, RESTING], ids=["cross", "parts", "resting"])
def test_it_trades_parts_of_a_coin_as_backtesting_py_can(tmp_path: Path, code: str) -> None:
    settings = Settings(exclusive_orders=False)
    ours = verified(tmp_path, code, FRAMES["BTCUSD"], settings)
    theirs = bare(code, FRAMES["BTCUSD"], settings, kind=FractionalBacktest, fractional_unit=MICRO)
    assert ours.unit == MICRO
    assert_same(ours, theirs)


def test_it_gives_them_for_bars_whose_disorder_was_accepted(tmp_path: Path) -> None:
    frame = FRAMES["GOOG"].iloc[:200].copy()
    frame.loc[frame.index[::7], "Open"] = frame["High"] * 1.02
    shuffled = frame.iloc[np.random.default_rng(1).permutation(200)]
    request = ask(tmp_path, CROSS, data=shuffled)
    ours = verify(child(request), read_bars(request), Settings())
    assert_same(ours, bare(CROSS, frame, Settings()))


def test_it_ends_no_trade_before_it_begins(tmp_path: Path) -> None:
    """With trade on close, backtesting.py sells at the last close what a limit order buys after it."""
    code = HEAD + (
        "class Early(Strategy):\n    def init(self): pass\n    def next(self):\n"
        "        price = self.data.Close[-1]\n"
        "        self.buy(size=5, limit=price * 0.995)\n        self.sell(size=3)\n"
    )
    frame, settings = FRAMES["GOOG"].iloc[:200], Settings(trade_on_close=True, exclusive_orders=False)
    ours, theirs = verified(tmp_path, code, frame, settings).trades, bare(code, frame, settings)["_trades"]
    assert (theirs["ExitBar"] < theirs["EntryBar"]).any()
    assert (ours["ExitBar"] >= ours["EntryBar"]).all()
    early = ours[ours["ExitBar"] == ours["EntryBar"]]
    assert early["ExitPrice"].tolist() == frame["Close"].iloc[early["EntryBar"]].tolist()


def test_it_gives_them_without_a_trade_and_with_a_long_warm_up(tmp_path: Path) -> None:
    code = CROSS.replace("slow = 15", "slow = 390")
    frame = FRAMES["GOOG"].iloc[:400]
    ours = verified(tmp_path, code, frame, Settings())
    assert ours.stats["Trades"] == 0
    assert_same(ours, bare(code, frame, Settings()))


def test_it_gives_them_for_a_line_that_is_drawn_as_the_strategy_goes(tmp_path: Path) -> None:
    """It has no value before the first bar is traded, and at the end it begins late."""
    frame = FRAMES["GOOG"].iloc[:300]
    ours = verified(tmp_path, DRAWN_LINE, frame, Settings())
    assert ours.ledger.first - 1 < ours.ledger.warmup
    assert_same(ours, bare(DRAWN_LINE, frame, Settings()))


def test_it_gives_them_for_an_account_that_is_empty_at_once(tmp_path: Path) -> None:
    """The first order comes from `init`, and the first bar traded ends it all."""
    code = HEAD + (
        "class AtOnce(Strategy):\n    def init(self):\n        self.a = self.I(SMA, self.data.Close, 20)\n"
        "        self.buy(size=0.99)\n    def next(self): pass\n"
    )
    frame = FRAMES["GOOG"].iloc[:60].copy()
    frame.loc[frame.index[20], ["Low", "Close"]] /= 2
    settings = Settings(margin=0.1)
    assert_same(verified(tmp_path, code, frame, settings), bare(code, frame, settings))


def test_it_keeps_absolute_prices_true_when_it_trades_parts(tmp_path: Path) -> None:
    """FractionalBacktest shows a strategy other prices than those of the market; we scale the cash."""
    code = HEAD + (
        "class Level(Strategy):\n    def init(self): pass\n"
        "    def next(self):\n        if self.data.Close[-1] > 20000 and not self.position: self.buy(size=0.5)\n"
    )
    ours = verified(tmp_path, code, FRAMES["BTCUSD"], Settings())
    assert 0.1 < ours.trades["Size"].iloc[0] < 1
    assert ours.trades["EntryPrice"].iloc[0] > 20_000


def test_it_fills_stop_limit_orders_as_backtesting_py_where_no_bar_opens_beyond_them(tmp_path: Path) -> None:
    frame = FRAMES["GOOG"].iloc[:398].copy()
    frame["Open"] = frame["Close"].shift(1).fillna(frame["Open"])
    frame["High"] = frame[["Open", "High", "Close"]].max(axis=1)
    frame["Low"] = frame[["Open", "Low", "Close"]].min(axis=1)
    assert_same(verified(tmp_path, STOP_LIMIT, frame, FREE), bare(STOP_LIMIT, frame, FREE))


def test_it_fills_a_stop_limit_order_at_the_open_when_the_market_gaps(tmp_path: Path) -> None:
    """backtesting.py fills it at the stop, where nothing was traded that day."""
    frame = FRAMES["GOOG"].iloc[:60].copy()
    frame.iloc[31:] += 50
    code = HEAD + (
        "class Gap(Strategy):\n    def init(self): pass\n    def next(self):\n"
        "        if len(self.data) == 31: self.buy(size=10, stop=self.data.Close[-1] * 1.05, limit=1000)\n"
    )
    ours = verified(tmp_path, code, frame, FREE)
    assert ours.trades["EntryPrice"].iloc[0] == frame["Open"].iloc[31]
    assert bare(code, frame, FREE)["_trades"]["EntryPrice"].iloc[0] < frame["Low"].iloc[31]


def verified(folder: Path, code: str, frame: pd.DataFrame, settings: Settings) -> Verified:
    """Through the child's program and JSON, as from a sandbox."""
    request = ask(folder, code, data=frame, settings=settings)
    answer = json.loads(json.dumps(child(request), allow_nan=False))
    assert "failed" not in answer, answer
    ours = verify(answer, framed.read(request.data), settings)
    check_orders(answer, ours, frame, settings)
    return ours


def check_orders(answer: dict[str, Any], ours: Verified, frame: pd.DataFrame, settings: Settings) -> None:
    """What the child says of its orders accounts for what it did: no strategy here is called a liar."""
    orders = placing.orders_of(said.orders(answer, bars=len(frame)))
    traded = placing.Traded(ours.ledger, ours.account, ours.equity, Bars.of(frame), settings, ours.unit)
    assert placing.unplaced(traded, orders, end=len(frame) - 1) is None
    assert placing.unfilled(traded, orders) is None


def assert_same(ours: Verified, theirs: pd.Series) -> None:
    np.testing.assert_allclose(ours.equity, theirs["_equity_curve"]["Equity"].to_numpy(), rtol=1e-9)
    for column in TRADED:
        expected = theirs["_trades"][column].astype(float).to_numpy()
        np.testing.assert_allclose(ours.trades[column].astype(float).to_numpy(), expected, rtol=1e-9, atol=1e-9)
    for name, value in theirs.items():
        if not str(name).startswith("_"):
            assert same(ours.stats[str(name)], plain(value)), (name, ours.stats[str(name)], value)
    still_open = len(theirs["_strategy"].trades)
    assert len(open_trades_of(ours.ledger, unit=ours.unit)) == still_open or ours.equity[-1] == 0


def same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return bool(np.isclose(one, other, rtol=1e-8, atol=1e-9))
    return bool(one == other)
