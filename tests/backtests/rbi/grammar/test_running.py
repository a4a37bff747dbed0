"""Texts that become strategies: what they do on bars is what somebody would do by hand who reads the same text."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from backtests.rbi.generator import generate
from backtests.rbi.generator.pieces import read_bars
from backtests.rbi.grammar import read
from tests.backtests.rbi import bars

FRAME = bars.made(800)
C, H, L, V = (FRAME[name] for name in ("Close", "High", "Low", "Volume"))


def trades_of(text: str, frame: pd.DataFrame = FRAME) -> pd.DataFrame:
    reading = read(text)
    assert reading.specification is not None, reading.not_understood
    found = bars.trades_of(generate(reading.specification), frame)
    assert len(found) > 2
    return found.assign(signal=found["EntryBar"] - 1)


def ema(values: pd.Series, period: int) -> pd.Series:
    seeded = values.where(values.index >= values.index[period - 1])
    seeded.iloc[period - 1] = values[:period].mean()
    return seeded.ewm(span=period, adjust=False).mean()


def over(left: pd.Series, right: pd.Series) -> pd.Series:
    return (left > right) & (left.shift() <= right.shift())


def test_it_trades_a_cross_of_two_averages() -> None:
    found = trades_of("Buy when the 9 EMA crosses above the 21 EMA. Sell when it crosses back below.")
    fast, slow = ema(C, 9), ema(C, 21)
    up, down = np.flatnonzero(over(fast, slow)), np.flatnonzero(over(slow, fast))
    assert found["signal"].tolist() == up.tolist()
    assert (found["ExitBar"] - 1)[:-1].tolist() == [down[down > bar][0] for bar in up][: len(found) - 1]


def test_it_trades_a_breakout_of_the_bars_before() -> None:
    found = trades_of("buy when close breaks above the 20-bar high, exit after 1 bar")
    assert set(found["signal"]) <= set(np.flatnonzero(over(C, H.rolling(20).max().shift())))


def test_it_trades_volume_against_its_average() -> None:
    found = trades_of("buy when volume is 2x its 20-bar average and close > open, exit after 1 bar")
    fits = (2 * V.rolling(20).mean() < V) & (FRAME["Open"] < C)
    assert set(found["signal"]) <= set(np.flatnonzero(fits))
    assert len(found) > fits.sum() / 2


def test_it_trades_a_fall_over_a_time() -> None:
    found = trades_of("buy when price drops 3% in 2 hours, exit after 15 minutes")
    assert set(found["signal"]) <= set(np.flatnonzero(C / C.shift(8) - 1 < -0.03))
    assert (found["ExitBar"] - found["EntryBar"] == 1)[:-1].all()


def test_it_trades_only_in_its_hours() -> None:
    found = trades_of("buy when close > open, exit after 1 bar, only between 9:00 and 11:00 on weekdays")
    times = pd.DatetimeIndex(FRAME.index)[found["signal"]]
    assert set(times.hour) == {9, 10}
    assert set(times.day_of_week) <= {0, 1, 2, 3, 4}


def test_it_trades_shorts_as_the_mirror_of_longs() -> None:
    text = "buy when close is 2% below the 20 SMA, exit when close is above the 20 SMA, vice versa for shorts"
    found = trades_of(text)
    average = C.rolling(20).mean()
    longs, shorts = found[found["Size"] > 0], found[found["Size"] < 0]
    assert len(longs) > 1
    assert len(shorts) > 1
    assert (C.iloc[longs["signal"]] < 0.98 * average.iloc[longs["signal"]]).all()
    assert (C.iloc[shorts["signal"]] > 1.02 * average.iloc[shorts["signal"]]).all()


def test_it_mirrors_a_market_that_is_upside_down() -> None:
    """On bars turned upside down the mirrored rule trades where the rule did."""
    text = "buy when rsi(7) crosses below 30 and %b < 0.2 and +di < -di, stop 2 atr, exit after 5 bars"
    plain = trades_of(text)
    reading = read(text + ", vice versa")
    assert reading.specification is not None
    shorts = reading.specification.model_copy(update={"long": None})
    turned = pd.DataFrame({"Open": 200 - FRAME["Open"], "High": 200 - L, "Low": 200 - H, "Close": 200 - C, "Volume": V})
    mirrored = bars.trades_of(generate(shorts), turned)
    assert mirrored["EntryBar"].tolist() == plain["EntryBar"].tolist()
    assert (mirrored["Size"] < 0).all()


def test_it_risks_what_the_text_says() -> None:
    found = trades_of("buy when rsi(14) crosses below 35, stop 3%, risk 1%, exit after 5 bars")
    first = found.iloc[0]
    assert first["Size"] * C.iloc[first["signal"]] * 0.03 == pytest.approx(10_000, rel=1e-3)


def test_it_counts_days_on_quarter_hours() -> None:
    reading = read("buy when close crosses above the 3-day moving average, sell when it crosses below")
    assert reading.specification is not None
    found = bars.trades_of(generate(reading.specification), FRAME)
    assert (found["EntryBar"] - 1).tolist() == np.flatnonzero(over(C, C.rolling(3 * 96).mean())).tolist()


def test_it_runs_on_real_bars() -> None:
    folder = os.environ.get("REAL_DATA_DIR")
    if not folder:
        pytest.skip("REAL_DATA_DIR is not set")
    frame = read_bars(str(Path(folder) / "BTC-USD-15m.csv"))[:6000]
    text = "buy when RSI(14) crosses below 30 and close is above the 10-day SMA, sell when RSI > 70, stop 2 ATR"
    reading = read(text)
    assert reading.specification is not None
    found = bars.run(generate(reading.specification), frame, cash=1e10, commission=0.001, spread=0.0002)
    assert found["# Trades"] > 5
    assert found["_trades"]["SL"].notna().all()
