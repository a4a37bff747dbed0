"""What generated modules do on bars: entries, exits, stops, targets, sizes, shorts and time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from backtests.rbi.generator import generate
from tests.backtests.rbi import bars
from tests.backtests.rbi.documents import (
    CLOSE,
    SMA,
    Document,
    compare,
    cross,
    every,
    indicator,
    nothing_but,
    number,
    some,
    specification,
)

FRAME = bars.made(500)
TIMES = pd.DatetimeIndex(FRAME.index)
C = FRAME["Close"]
AVERAGE = C.rolling(10).mean()
OVER, UNDER = cross(CLOSE, "over", SMA), cross(CLOSE, "under", SMA)
ABOVE, BELOW = compare(CLOSE, ">", SMA), compare(CLOSE, "<", SMA)
NEVER = compare(CLOSE, ">", number("never"))
PARAMETERS: Document = {
    "never": {"value": 1e9},
    "three": {"value": 3, "whole": True},
    "percent": {"value": 2, "unit": "percent"},
    "twice": {"value": 2},
    "stretch": {"value": 14, "whole": True},
    "usd": {"value": 5000, "unit": "usd"},
    "units": {"value": 7, "unit": "units"},
    "risk_percent": {"value": 1, "unit": "percent"},
}
PERCENT_STOP = {"kind": "percent", "distance": "percent"}


def code(*, parameters: Document | None = None, **changes: Any) -> str:
    return generate(specification(parameters={**PARAMETERS, **(parameters or {})}, **changes))


def trades(frame: pd.DataFrame = FRAME, *, parameters: Document | None = None, **changes: Any) -> pd.DataFrame:
    found = bars.trades_of(code(parameters=parameters, **changes), frame)
    assert len(found) > 2
    return found


def entries(condition: Document) -> list[int]:
    """The bars whose close gave a signal: each trade lasts one bar, so that every second signal is taken."""
    found = trades(long={"entry": condition}, hold="one", parameters={"one": {"value": 1, "whole": True}})
    return [bar - 1 for bar in found["EntryBar"]]


def expected(signal: pd.Series, *, start: int = 10) -> list[int]:
    """The same from a series of yes and no, leaving out what comes while a trade is open."""
    taken: list[int] = []
    for bar in np.flatnonzero(signal.to_numpy(dtype=bool, na_value=False)):
        if start <= bar < len(signal) - 1 and (not taken or bar >= taken[-1] + 2):
            taken.append(int(bar))
    return taken


def crossed(left: pd.Series, right: pd.Series | float) -> pd.Series:
    before = right.shift() if isinstance(right, pd.Series) else right
    return (left.shift() <= before) & (left > right)


CONDITIONS: dict[str, tuple[Document, pd.Series]] = {
    "compare": (ABOVE, C > AVERAGE),
    "cross": (OVER, crossed(C, AVERAGE)),
    "cross under": (UNDER, crossed(-C, -AVERAGE)),
    "and": (every(OVER, compare(CLOSE, ">", {**CLOSE, "ago": 3})), crossed(C, AVERAGE) & (C.shift(3) < C)),
    "or": (some(OVER, UNDER), crossed(C, AVERAGE) | crossed(-C, -AVERAGE)),
    "not": (nothing_but(some(ABOVE, OVER)), C <= AVERAGE),
    "not cross": (nothing_but(OVER), ~crossed(C, AVERAGE)),
    "rising": (
        {"kind": "trend", "operand": SMA, "way": "rising", "bars": "three"},
        (AVERAGE.diff() > 0).rolling(3).sum() == 3,
    ),
    "falling": (
        {"kind": "trend", "operand": CLOSE, "way": "falling", "bars": "three"},
        (C.diff() < 0).rolling(3).sum() == 3,
    ),
    "held": ({"kind": "held", "condition": BELOW, "bars": "three"}, (C < AVERAGE).rolling(3).sum() == 3),
    "within": ({"kind": "within", "condition": OVER, "bars": "three"}, crossed(C, AVERAGE).rolling(4).sum() > 0),
    "held within": (
        {"kind": "within", "condition": {"kind": "held", "condition": BELOW, "bars": "three"}, "bars": "three"},
        ((C < AVERAGE).rolling(3).sum() == 3).rolling(4).sum() > 0,
    ),
    "ago": (compare(CLOSE, "<", {**SMA, "ago": 5}), AVERAGE.shift(5) > C),
    "typical": (
        compare({"kind": "price", "column": "typical"}, ">", CLOSE),
        (FRAME["High"] + FRAME["Low"] + C) / 3 > C,
    ),
    "sum": (
        compare({"kind": "sum", "left": CLOSE, "sign": "*", "right": number("twice")}, "<", number("never")),
        C * 2 < 1e9,
    ),
    "signal": (
        {"kind": "signal", "indicator": indicator("inside_bar", output="inside")},
        (FRAME["High"] < FRAME["High"].shift()) & (FRAME["Low"] > FRAME["Low"].shift()),
    ),
    "hours": ({"kind": "during", "first": 14, "last": 15}, pd.Series(TIMES.hour.isin([14, 15]))),
    "over midnight": ({"kind": "during", "first": 22, "last": 1}, pd.Series(TIMES.hour.isin([22, 23, 0, 1]))),
    "weekdays": ({"kind": "during", "weekdays": [1, 4]}, pd.Series(TIMES.day_of_week.isin([1, 4]))),
}
# These look at no average, so nothing has to warm up for longer.
EARLY = {"falling": 3, "typical": 1, "sum": 1, "signal": 1, "hours": 1, "over midnight": 1, "weekdays": 1}


@pytest.mark.parametrize("name", CONDITIONS)
def test_it_enters_after_each_bar_that_fits(name: str) -> None:
    condition, signal = CONDITIONS[name]
    assert entries(condition) == expected(signal, start=EARLY.get(name, 10))


def test_it_exits_after_the_bar_that_says_so() -> None:
    found = trades(long={"entry": OVER, "exit": BELOW})
    for trade in found[:-1].itertuples():
        held = C[trade.EntryBar : trade.ExitBar] < AVERAGE[trade.EntryBar : trade.ExitBar]
        assert held.tolist() == [False] * (len(held) - 1) + [True]
    np.testing.assert_array_equal(found["ExitPrice"][:-1], FRAME["Open"].iloc[found["ExitBar"][:-1]])


def test_it_takes_the_other_side_where_shorts_are_told() -> None:
    found = trades(long={"entry": OVER}, short={"entry": UNDER})
    assert (np.sign(found["Size"]).diff().dropna().abs() == 2).all()
    assert (found["EntryBar"][1:].to_numpy() == found["ExitBar"][:-1].to_numpy()).all()


def test_it_reverses_without_exclusive_orders_too() -> None:
    text = code(long={"entry": OVER}, short={"entry": UNDER}, stop=PERCENT_STOP)
    exclusive, shared = (bars.trades_of(text, FRAME, exclusive_orders=one) for one in (True, False))
    pd.testing.assert_frame_equal(exclusive, shared)


def test_it_does_nothing_when_both_sides_are_called() -> None:
    text = code(long={"entry": ABOVE, "exit": BELOW}, short={"entry": ABOVE, "exit": BELOW})
    assert bars.run(text, FRAME)["# Trades"] == 0


def stops(found: pd.DataFrame) -> pd.DataFrame:
    """Trades with the price that gave the signal."""
    return found.assign(price=C.iloc[found["EntryBar"] - 1].to_numpy(), bar=found["EntryBar"] - 1)


def one(side: str) -> Document:
    """One side of the market, left when the average is crossed again."""
    return {"long": None, side: {"entry": OVER, "exit": UNDER}}


@pytest.mark.parametrize("side", ["long", "short"])
def test_it_stops_at_a_percentage(side: str) -> None:
    found = stops(trades(**one(side), stop=PERCENT_STOP))
    way = -1 if side == "long" else 1
    np.testing.assert_allclose(found["SL"], found["price"] * (1 + way * 0.02))
    assert (np.sign(found["Size"]) == -way).all()


def test_it_stops_and_takes_profit_at_true_ranges() -> None:
    levels = {"distance": "twice", "period": "stretch"}
    found = stops(trades(long={"entry": OVER}, stop={"kind": "atr", **levels}, target={"kind": "atr", **levels}))
    before = C.shift()
    span = np.maximum(FRAME["High"], before) - np.minimum(FRAME["Low"], before)
    atr = [span[1:15].mean()]
    for value in span[15:]:
        atr.append(atr[-1] + (value - atr[-1]) / 14)
    at = np.array([np.nan] * 14 + atr)[found["bar"]]
    np.testing.assert_allclose(found["SL"], found["price"] - 2 * at)
    np.testing.assert_allclose(found["TP"], found["price"] + 2 * at)


def test_it_stops_at_a_swing() -> None:
    swing = {"kind": "swing", "period": "stretch"}
    found = stops(trades(long={"entry": OVER}, short={"entry": UNDER}, stop=swing))
    low, high = FRAME["Low"].rolling(14).min(), FRAME["High"].rolling(14).max()
    level = np.where(found["Size"] > 0, low.iloc[found["bar"]], high.iloc[found["bar"]])
    np.testing.assert_allclose(found["SL"], level)
    further = stops(trades(long={"entry": OVER}, stop={**swing, "distance": "percent"}))
    np.testing.assert_allclose(further["SL"], low.iloc[further["bar"]] * 0.98)


def test_it_stops_and_takes_profit_at_prices() -> None:
    levels = {"kind": "price", "distance": "twice"}
    found = stops(trades(long={"entry": OVER}, stop=levels, target=levels))
    np.testing.assert_allclose(found["SL"], found["price"] - 2)
    np.testing.assert_allclose(found["TP"], found["price"] + 2)


def test_it_stops_and_takes_profit_at_one_price_for_all() -> None:
    numbers = {"floor": {"value": 1.0, "unit": "usd"}, "roof": {"value": 1e6, "unit": "usd"}}
    stop, target = ({"kind": "price", "distance": name, "fixed": True} for name in numbers)
    found = trades(long={"entry": OVER, "exit": UNDER}, stop=stop, target=target, parameters=numbers)
    assert (set(found["SL"]), set(found["TP"])) == ({1.0}, {1e6})
    # Beyond the stop nothing is opened.
    text = code(long={"entry": OVER}, stop={**target, "distance": "roof"}, parameters=numbers)
    assert bars.run(text, FRAME)["# Trades"] == 0


@pytest.mark.parametrize("side", ["long", "short"])
def test_it_takes_profit_at_multiples_of_the_risk(side: str) -> None:
    target = {"kind": "risk", "distance": "twice"}
    found = stops(trades(**one(side), stop=PERCENT_STOP, target=target))
    np.testing.assert_allclose(found["TP"] - found["price"], 2 * (found["price"] - found["SL"]))


def test_it_skips_a_trade_whose_stop_is_on_the_wrong_side() -> None:
    # At the lowest close of all there is no lower low, and a target as near as this is within the spread.
    flat = FRAME.assign(Open=C, High=C, Low=C)
    lowest = compare(CLOSE, "<=", indicator("lowest", period="stretch"))
    text = code(long={"entry": lowest}, stop={"kind": "swing", "period": "stretch"})
    assert bars.run(text, flat)["# Trades"] == 0
    near = code(long={"entry": OVER}, target=PERCENT_STOP, parameters={"percent": {"value": 0.01}})
    assert bars.run(near, FRAME, spread=0.001)["# Trades"] == 0


@pytest.mark.parametrize("side", ["long", "short"])
def test_it_trails_a_stop_and_never_moves_it_back(side: str) -> None:
    stop = {**PERCENT_STOP, "trailing": True}
    found = stops(trades(**one(side), stop=stop))
    way = 1 if side == "long" else -1
    for trade in found[:-1].itertuples():
        # The close of the bar in which it ended may have moved it no more.
        best = (C[trade.bar : trade.ExitBar] * way).max() * way
        assert pytest.approx(best * (1 - 0.02 * way)) == trade.SL


@pytest.mark.parametrize(
    "stop", [{"kind": "atr", "distance": "twice", "period": "stretch"}, {"kind": "swing", "period": "stretch"}]
)
def test_it_trails_every_kind_of_stop(stop: Document) -> None:
    fixed = trades(long={"entry": OVER}, short={"entry": UNDER}, stop=stop)
    moved = trades(long={"entry": OVER}, short={"entry": UNDER}, stop={**stop, "trailing": True})
    assert len(moved) >= len(fixed)


def test_it_closes_what_was_held_long_enough() -> None:
    found = trades(long={"entry": OVER}, hold="three")
    assert (found["ExitBar"] - found["EntryBar"] == 3)[:-1].all()


@pytest.mark.parametrize(
    ("value", "unit", "freq", "count"),
    [(45, "minutes", "15min", 3), (2, "hours", "15min", 8), (1, "days", "15min", 96), (3, "days", "h", 72)],
)
def test_it_turns_times_into_bars(value: int, unit: str, freq: str, count: int) -> None:
    frame = bars.made(900, freq=freq)
    length = {"value": value, "unit": unit, "whole": True}
    found = trades(frame, long={"entry": OVER}, hold="length", parameters={"length": length})
    assert (found["ExitBar"] - found["EntryBar"] == count)[:-1].all()


def test_it_counts_the_days_of_a_market_that_sleeps() -> None:
    space: dict[str, Any] = {"__name__": "strategy"}
    text = code(long={"entry": OVER}, hold="length", parameters={"length": {"value": 2, "unit": "days"}})
    exec(text, space)  # noqa: S102
    bars_in = space["bars_in"]
    days = pd.bdate_range("2024-01-01", periods=200)
    hourly = pd.DatetimeIndex([day + pd.Timedelta(hours=hour) for day in days for hour in range(14, 21)])
    assert bars_in(200, "days", days) == 200
    assert bars_in(2, "weeks", days) == 10
    assert bars_in(2, "days", hourly) == 14
    assert bars_in(1, "weeks", hourly) == 35
    assert bars_in(90, "minutes", hourly) == 2
    assert bars_in(14, "days", pd.date_range("2020-01-05", periods=100, freq="W")) == 2
    assert bars_in(5, "minutes", days) == 1


def test_it_takes_a_part_of_the_equity() -> None:
    found = trades(long={"entry": OVER, "exit": UNDER})
    assert found["Size"].iloc[0] * found["EntryPrice"].iloc[0] == pytest.approx(500_000, rel=1e-3)
    whole = {"value": 1.0, "unit": "ratio"}
    full = trades(long={"entry": OVER, "exit": UNDER}, parameters={"equity_percent": whole})
    assert full["Size"].iloc[0] * full["EntryPrice"].iloc[0] == pytest.approx(1_000_000, rel=1e-3)


def test_it_risks_what_it_is_told() -> None:
    found = stops(trades(long={"entry": OVER}, stop=PERCENT_STOP, sizing={"kind": "risk", "amount": "risk_percent"}))
    first = found.iloc[0]
    assert first["Size"] * (first["price"] - first["SL"]) == pytest.approx(10_000, rel=1e-3)


def test_it_never_risks_more_than_the_account_carries() -> None:
    tight = {"value": 0.1, "unit": "percent"}
    sizing = {"kind": "risk", "amount": "risk_percent"}
    text = code(long={"entry": OVER}, stop=PERCENT_STOP, sizing=sizing, parameters={"percent": tight})
    found = bars.trades_of(text, FRAME, commission=0.001)
    assert found["Size"].iloc[0] * found["EntryPrice"].iloc[0] == pytest.approx(980_000, rel=0.02)
    levered = bars.trades_of(text, FRAME, margin=0.2, parameters={"most_leverage": 5.0})
    assert levered["Size"].iloc[0] * levered["EntryPrice"].iloc[0] == pytest.approx(4_900_000, rel=0.02)


@pytest.mark.parametrize("unit", [1, 0.001])
def test_it_buys_for_an_amount_or_a_number_of_units(unit: float) -> None:
    given: dict[str, Any] = {"parameters": {"traded_unit": unit}, "cash": 100_000 / unit}
    text = code(long={"entry": OVER, "exit": UNDER}, sizing={"kind": "cash", "amount": "usd"})
    first = stops(bars.trades_of(text, FRAME, **given)).iloc[0]
    assert first["Size"] * unit * first["price"] == pytest.approx(5000, rel=0.02)
    text = code(long={"entry": OVER, "exit": UNDER}, sizing={"kind": "units", "amount": "units"})
    assert (bars.trades_of(text, FRAME, **given)["Size"] * unit == 7).all()


@pytest.mark.parametrize("sizing", ["fraction", "risk"])
def test_it_trades_the_same_whatever_the_unit(sizing: str) -> None:
    amount = {"fraction": "equity_percent", "risk": "risk_percent"}[sizing]
    text = code(long={"entry": OVER, "exit": UNDER}, stop=PERCENT_STOP, sizing={"kind": sizing, "amount": amount})
    fine, finer = (bars.run(text, FRAME, cash=cash)["Return [%]"] for cash in (1e9, 1e12))
    assert fine == pytest.approx(finer, rel=1e-4)


def test_it_decides_without_what_comes_later() -> None:
    text = code(
        long={"entry": every(OVER, {"kind": "held", "condition": BELOW, "bars": "three"})},
        short={"entry": UNDER, "exit": OVER},
        stop={"kind": "atr", "distance": "twice", "period": "stretch", "trailing": True},
        target={"kind": "risk", "distance": "twice"},
        hold="stretch",
    )
    whole = bars.trades_of(text, FRAME)
    for cut in (150, 333):
        part = bars.trades_of(text, FRAME[:cut])
        done = whole[whole["ExitBar"] < cut - 1]
        assert len(done) > 3
        pd.testing.assert_frame_equal(part[: len(done)], done, check_exact=False)


def test_it_waits_until_it_can_look_back_far_enough() -> None:
    far = compare(CLOSE, ">", {**CLOSE, "ago": 60})
    text = code(long={"entry": far, "exit": NEVER})
    assert bars.trades_of(text, FRAME)["EntryBar"].iloc[0] > 60
    assert bars.run(text, FRAME[:40])["# Trades"] == 0
