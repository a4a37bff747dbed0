"""The specification of a text: its pieces, its parameters and what was assumed."""

from __future__ import annotations

from backtests.rbi.drafter import draft
from backtests.rbi.grammar import read
from backtests.rbi.spec import Specification, in_words

TEXT = (
    "buy when RSI(14) crosses below 30 and close is above the 200 SMA, "
    "sell when RSI rises above 70, stop 2 ATR, risk 1%"
)


def specification_of(text: str) -> Specification:
    reading = read(text)
    assert reading.specification is not None, reading.not_understood
    return reading.specification


def test_it_makes_the_whole_specification() -> None:
    found = specification_of(TEXT).model_dump(exclude={"description"}, exclude_defaults=True)
    rsi = {"name": "rsi", "args": {"period": "rsi_period"}}
    sma = {"name": "sma", "args": {"period": "sma_period"}}
    assert found == {
        "name": "buy when RSI(14) crosses below 30 and close is above the…",
        "parameters": {
            "rsi_period": {"value": 14, "low": 3, "high": 56, "step": 3, "whole": True, "unit": "bars"},
            "rsi_below": {"value": 30, "low": 0, "high": 100, "step": 5},
            "sma_period": {"value": 200, "low": 50, "high": 800, "step": 50, "whole": True, "unit": "bars"},
            "rsi_above": {"value": 70, "low": 0, "high": 100, "step": 5},
            "stop_atr": {"value": 2, "low": 0.5, "high": 10, "step": 0.5, "unit": "atr"},
            "atr_period": {"value": 14, "low": 3, "high": 56, "step": 3, "whole": True, "unit": "bars"},
            "risk_percent": {"value": 1, "low": 0.1, "high": 100, "step": 0.5, "unit": "percent"},
        },
        "long": {
            "entry": {
                "of": (
                    {"left": rsi, "way": "under", "right": {"parameter": "rsi_below"}},
                    {"left": {"column": "close"}, "sign": ">", "right": sma},
                )
            },
            "exit": {"left": rsi, "way": "over", "right": {"parameter": "rsi_above"}},
        },
        "stop": {"kind": "atr", "distance": "stop_atr", "period": "atr_period"},
        "sizing": {"kind": "risk", "amount": "risk_percent"},
    }


def test_it_keeps_what_was_written() -> None:
    assert specification_of(TEXT).description == TEXT


def test_it_names_two_lengths_of_one_indicator_fast_and_slow() -> None:
    found = specification_of("buy when 50-day SMA crosses above 200-day SMA").parameters
    assert (found["fast_sma_period"].value, found["slow_sma_period"].value) == (50, 200)
    assert found["slow_sma_period"].unit == "days"


def test_it_uses_one_parameter_for_one_number() -> None:
    found = specification_of("buy when rsi(7) < 20, sell when rsi(7) > 80, short when rsi(7) > 80").parameters
    assert [name for name in found if name.startswith("rsi")] == ["rsi_period", "rsi_below", "rsi_above"]


def test_it_assumes_the_usual_numbers_and_says_so() -> None:
    reading = read("buy when macd crosses above its signal")
    found = {assumption.name: assumption.value for assumption in reading.assumptions}
    assert found == {
        "exit": "the reverse of the entry",
        "macd_fast": "12",
        "macd_slow": "26",
        "macd_signal": "9",
        "equity_percent": "100",
    }
    assert all(assumption.why.endswith(".") for assumption in reading.assumptions)


def test_it_assumes_nothing_that_was_said() -> None:
    text = "buy when rsi(14) < 30, sell when rsi > 70, 50% of equity, stop 2%"
    assert read(text).assumptions == []


def test_it_says_each_thing_that_it_assumed() -> None:
    cases = {
        "sell when rsi(14) > 70, cover when rsi < 50": "sell",
        "rsi(14) < 30": "action",
        "buy when rsi(14) < 30, risk 1%, sell when rsi > 70": "stop",
        "buy when rsi(14) crosses 30, sell when rsi > 70": "cross",
        "buy when rsi(14) is oversold, sell when rsi > 70": "oversold",
        "buy when the 20 SMA is rising, sell when rsi(14) > 70": "sma_rising_bars",
        "buy when price is down 3 days in a row, sell when rsi(14) > 70": "price_falling_bars",
        "buy when price is up 5%, sell when rsi(14) > 70": "change",
        "buy on a golden cross, sell when rsi(14) > 70": "golden or death cross",
        "buy on a volume spike, sell when rsi(14) > 70": "high volume",
        "buy when rsi(14) < 30, stop 2%": "exit",
        "buy when rsi(14) < 30 and close > open or volume > 5, exit after 2 bars": "and, or",
        "buy when rsi(14) < 30, exit when rsi > 60, take profit at the upper band": "target",
        "buy when rsi(14) < 30, exit when rsi > 60, stop at the lower band": "stop",
    }
    for text, name in cases.items():
        reading = read(text)
        assert reading.specification is not None, text
        assert name in [assumption.name for assumption in reading.assumptions], text


def test_a_death_cross_is_one_of_the_averages_that_were_named() -> None:
    cases = {
        "buy when the 50 day sma crosses above the 200 day sma, sell on a death cross": (
            "Sell when SMA(50 days) crosses under SMA(200 days)."
        ),
        "20 ema crosses above 50 ema, sell on death cross": "Sell when EMA(20) crosses under EMA(50).",
        "buy when close crosses above the 20 ema, sell on a death cross": "Sell when SMA(50) crosses under SMA(200).",
    }
    for text, rule in cases.items():
        assert rule in draft(text).rules, text


def test_it_leaves_when_the_reason_to_enter_is_gone() -> None:
    reversed_ = {
        "buy when close crosses above the 50 sma": "Sell when the close crosses under SMA(50).",
        "buy when rsi(14) < 25": "Sell when RSI(14) is above 75.",
        "buy when close > ema 20": "Sell when it is not so that the close is above EMA(20).",
        "buy when the 20 ema is rising for 3 bars": "Sell when EMA(20) is falling for 3 bars.",
        "buy when adx(14) > 20 and 9 ema crosses above 21 ema": "Sell when EMA(9) crosses under EMA(21).",
    }
    for text, rule in reversed_.items():
        assert in_words(specification_of(text))[1] == rule


def test_it_shows_what_it_understood() -> None:
    reading = read("Buy when RSI < 30. Stop 2%. Long only.")
    assert [(span.text, span.hint) for span in reading.understood] == [
        ("Buy when RSI < 30", "opens a long position"),
        ("Stop 2%", "the stop"),
        ("Long only", "no shorts"),
    ]
