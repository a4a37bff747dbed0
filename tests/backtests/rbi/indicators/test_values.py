"""Values against TA-Lib, and against small sums where it has no such indicator."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import talib

from backtests.rbi.indicators import REGISTRY
from tests.backtests.rbi import bars

FRAME = bars.made(800)
OPEN, HIGH, LOW, CLOSE, VOLUME = (FRAME[name].to_numpy() for name in ("Open", "High", "Low", "Close", "Volume"))
TIMES = pd.DatetimeIndex(FRAME.index)
BARS = (HIGH, LOW, CLOSE)


def own(name: str, *given: object) -> tuple[np.ndarray, ...]:
    found = REGISTRY[name].function(*given)
    return found if isinstance(found, tuple) else (found,)


def stoch() -> tuple[np.ndarray, ...]:
    return tuple(talib.STOCH(*BARS, fastk_period=14, slowk_period=3, slowd_period=3))


# Ours, TA-Lib's, and from which bar on they agree: an indicator that remembers its start forgets it slowly.
CASES: dict[str, tuple[Callable[[], tuple[np.ndarray, ...]], Callable[[], object], int]] = {
    "sma": (lambda: own("sma", CLOSE, 20), lambda: talib.SMA(CLOSE, 20), 0),
    "ema": (lambda: own("ema", CLOSE, 20), lambda: talib.EMA(CLOSE, 20), 0),
    "wma": (lambda: own("wma", CLOSE, 20), lambda: talib.WMA(CLOSE, 20), 0),
    "dema": (lambda: own("dema", CLOSE, 20), lambda: talib.DEMA(CLOSE, 20), 0),
    "tema": (lambda: own("tema", CLOSE, 20), lambda: talib.TEMA(CLOSE, 20), 0),
    "kama": (lambda: own("kama", CLOSE, 10), lambda: talib.KAMA(CLOSE, 10), 0),
    "rsi": (lambda: own("rsi", CLOSE, 14), lambda: talib.RSI(CLOSE, 14), 0),
    "stochastic": (lambda: own("stochastic", *BARS, 14, 3, 3), stoch, 17),
    "stoch_rsi": (
        lambda: own("stoch_rsi", CLOSE, 14, 14, 1, 3),
        lambda: talib.STOCHRSI(CLOSE, 14, 14, 3),
        31,
    ),
    "macd": (lambda: own("macd", CLOSE, 12, 26, 9), lambda: talib.MACD(CLOSE, 12, 26, 9), 250),
    "ppo": (lambda: own("ppo", CLOSE, 12, 26, 9)[:1], lambda: talib.PPO(CLOSE, 12, 26, 1), 0),  # type: ignore[arg-type]
    "cci": (lambda: own("cci", *BARS, 20), lambda: talib.CCI(*BARS, 20), 0),
    "williams_r": (lambda: own("williams_r", *BARS, 14), lambda: talib.WILLR(*BARS, 14), 0),
    "roc": (lambda: own("roc", CLOSE, 10), lambda: talib.ROC(CLOSE, 10), 0),
    "momentum": (lambda: own("momentum", CLOSE, 10), lambda: talib.MOM(CLOSE, 10), 0),
    "trix": (lambda: own("trix", CLOSE, 15, 9)[:1], lambda: talib.TRIX(CLOSE, 15), 0),
    "ultimate": (lambda: own("ultimate", *BARS, 7, 14, 28), lambda: talib.ULTOSC(*BARS, 7, 14, 28), 0),
    "aroon": (lambda: own("aroon", HIGH, LOW, 25)[1::-1], lambda: talib.AROON(HIGH, LOW, 25), 0),
    "bollinger": (lambda: own("bollinger", CLOSE, 20, 2.0)[:3], lambda: talib.BBANDS(CLOSE, 20, 2, 2), 0),
    "highest": (lambda: own("highest", HIGH, 20), lambda: talib.MAX(HIGH, 20), 0),
    "lowest": (lambda: own("lowest", LOW, 20), lambda: talib.MIN(LOW, 20), 0),
    "atr": (lambda: own("atr", *BARS, 14), lambda: talib.ATR(*BARS, 14), 0),
    "atr_percent": (lambda: own("atr_percent", *BARS, 14), lambda: talib.NATR(*BARS, 14), 0),
    "stdev": (lambda: own("stdev", CLOSE, 20), lambda: talib.STDDEV(CLOSE, 20), 0),
    "adx": (
        lambda: own("adx", *BARS, 14),
        lambda: (talib.ADX(*BARS, 14), talib.PLUS_DI(*BARS, 14), talib.MINUS_DI(*BARS, 14)),
        500,
    ),
    "sar": (lambda: own("sar", HIGH, LOW, 0.02, 0.2), lambda: talib.SAR(HIGH, LOW, 0.02, 0.2), 3),
    "slope": (lambda: own("slope", CLOSE, 14), lambda: talib.LINEARREG_SLOPE(CLOSE, 14), 0),
    "regression": (lambda: own("regression", CLOSE, 14), lambda: talib.LINEARREG(CLOSE, 14), 0),
    "obv": (lambda: own("obv", CLOSE, VOLUME), lambda: talib.OBV(CLOSE, VOLUME), 0),
    "accumulation": (lambda: own("accumulation", *BARS, VOLUME), lambda: talib.AD(*BARS, VOLUME), 0),
    "mfi": (lambda: own("mfi", *BARS, VOLUME, 14), lambda: talib.MFI(*BARS, VOLUME, 14), 0),
}


@pytest.mark.parametrize("name", CASES)
def test_it_agrees_with_ta_lib(name: str) -> None:
    ours, theirs, start = CASES[name]
    expected = theirs()
    for mine, other in zip(ours(), expected if isinstance(expected, tuple | list) else (expected,), strict=True):
        known = ~np.isnan(other)
        known[:start] = False
        assert known.sum() > 200
        np.testing.assert_allclose(mine[known], other[known], rtol=1e-6, atol=1e-6)
        # It warms up no longer than TA-Lib.
        assert np.isnan(mine).argmin() <= np.isnan(other).argmin()


def test_it_starts_the_vwap_anew_each_day() -> None:
    (line,) = own("vwap", HIGH, LOW, CLOSE, VOLUME, FRAME.index)
    first = TIMES.normalize() != FRAME.index.to_series().shift().dt.normalize()
    np.testing.assert_allclose(line[first], ((HIGH + LOW + CLOSE) / 3)[first])
    day = slice(96, 192)
    expected = ((HIGH + LOW + CLOSE) / 3 * VOLUME)[day].sum() / VOLUME[day].sum()
    assert line[191] == pytest.approx(expected)


def test_it_takes_yesterday_from_the_day_before() -> None:
    _, high, low, close = own("previous_day", OPEN, HIGH, LOW, CLOSE, FRAME.index)
    assert np.isnan(high[:96]).all()
    assert (high[96:192] == HIGH[:96].max()).all()
    assert (low[96:192] == LOW[:96].min()).all()
    assert close[100] == CLOSE[95]


def test_it_breaks_a_donchian_channel_of_the_bars_before() -> None:
    upper, _, lower = own("donchian", HIGH, LOW, 20)
    assert upper[50] == HIGH[30:50].max()
    assert lower[50] == LOW[30:50].min()


def test_it_turns_the_supertrend_only_where_the_close_crosses_it() -> None:
    line, way = own("supertrend", *BARS, 10, 3.0)
    known = ~np.isnan(line)
    assert ((line <= CLOSE) == (way == 1))[known].all()
    assert 2 < (np.diff(way[known]) != 0).sum() < 100
    rising = (way[1:] == 1) & (way[:-1] == 1)
    assert (np.diff(line)[rising] >= 0).all()


def test_it_draws_the_cloud_from_bars_long_past() -> None:
    conversion, base, span_a, _ = own("ichimoku", HIGH, LOW, 9, 26, 52)
    assert conversion[100] == (HIGH[92:101].max() + LOW[92:101].min()) / 2
    assert span_a[126] == (conversion[100] + base[100]) / 2


@pytest.mark.parametrize(
    ("name", "rows", "line"),
    [
        ("engulfing", [(10, 11, 8, 9), (8, 12, 8, 11)], 0),
        ("engulfing", [(9, 11, 8, 10), (11, 12, 8, 8)], 1),
        ("hammer", [(10, 10.6, 7, 10.5)], 0),
        ("hammer", [(10, 13, 9.95, 10.5)], 1),
        ("doji", [(10, 11, 9, 10.05)], 0),
        ("inside_bar", [(10, 12, 8, 9), (9, 11, 9, 10)], 0),
        ("inside_bar", [(10, 11, 9, 9), (9, 12, 8, 10)], 1),
        ("pin_bar", [(10, 10.2, 7, 10.1)], 0),
        ("star", [(12, 12, 9, 9), (9, 9.3, 8.8, 9.1), (9, 12, 9, 11.5)], 0),
        ("three", [(8, 10, 8, 10), (9, 11, 9, 11), (10, 12, 10, 12)], 0),
        ("three", [(12, 12, 10, 10), (11, 11, 9, 9), (10, 10, 8, 8)], 1),
        ("gap", [(8, 10, 8, 10), (11, 12, 10.5, 12)], 0),
        ("fair_value_gap", [(8, 9, 8, 9), (9, 12, 9, 12), (12, 13, 11, 13)], 0),
    ],
)
def test_it_sees_a_pattern_on_the_bar_that_completes_it(name: str, rows: list[tuple[float, ...]], line: int) -> None:
    frame = pd.DataFrame(rows, columns=["open", "high", "low", "close"], dtype=float)
    found = own(name, *(frame[column].to_numpy() for column in REGISTRY[name].columns))[line]
    assert found.tolist() == [0.0] * (len(rows) - 1) + [1.0]


def test_it_counts_bars_in_a_row() -> None:
    green, red, higher, lower = own("streak", np.array([1.0, 2, 3, 4, 5]), np.array([2.0, 3, 4, 3, 6]))
    assert green.tolist() == [1, 2, 3, 0, 1]
    assert red.tolist() == [0, 0, 0, 1, 0]
    assert higher.tolist() == [0, 1, 2, 0, 1]
    assert lower.tolist() == [0, 0, 0, 1, 0]
