"""A search of parameters keeps the idea: what is fast stays the faster one, and what is low the lower one."""

from __future__ import annotations

import pytest

from backtests.engine.space import cells_of
from backtests.rbi.drafter import draft
from backtests.rbi.spec import Specification
from backtests.rbi.stages.order import Order
from backtests.rbi.stages.space import space_of


def drafted(text: str) -> Specification:
    found = draft(text).specification
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("buy when ema 20 crosses above ema 50, stop 2%", [("fast_ema_period", "slow_ema_period")]),
        ("buy when rsi < 30, sell when rsi > 70", [("rsi_below", "rsi_above")]),
        ("buy when macd crosses above its signal", [("macd_fast", "macd_slow")]),
        ("moving average cross", [("fast", "slow")]),
        # Days and bars are not counted alike, and one number has no order.
        ("buy when the 20 bar sma crosses above the 50 day sma", []),
        ("buy when rsi(7) < 30 and rsi(14) > 30, exit after 5 bars", [("fast_rsi_period", "slow_rsi_period")]),
        ("buy when close > sma 50, exit after 5 bars", []),
    ],
)
def test_it_knows_which_numbers_have_an_order(text: str, pairs: list[tuple[str, str]]) -> None:
    assert list(Order.of(drafted(text)).pairs) == pairs


def test_it_tries_no_place_that_turns_the_idea_round() -> None:
    found = drafted("buy when ema 20 crosses above ema 30, sell when it crosses below, stop 2%")
    space = space_of(found)
    everywhere = cells_of(space, method="random", most=60, seed=7)
    tried = cells_of(space, method="random", most=60, seed=7, fits=Order.of(found).holds)
    turned = [cell for cell in everywhere if cell["fast_ema_period"] >= cell["slow_ema_period"]]  # type: ignore[operator]
    assert turned
    assert len(tried) == 60
    assert all(cell["fast_ema_period"] < cell["slow_ema_period"] for cell in tried)  # type: ignore[operator]


def test_it_keeps_the_order_to_a_number_that_is_not_searched() -> None:
    order = Order.of(drafted("buy when rsi < 30, sell when rsi > 70"))
    assert order.holds({"rsi_below": 65})
    assert not order.holds({"rsi_below": 75})
