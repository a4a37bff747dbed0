"""Documents that are no specification, and what is said about them."""

from __future__ import annotations

from typing import Any

import pytest

from backtests.rbi.spec import in_words, read
from moondev.lib.errors import Invalid
from tests.backtests.rbi.documents import (
    CLOSE,
    SMA,
    compare,
    cross,
    document,
    every,
    indicator,
    nothing_but,
    number,
    specification,
)


def faults(found: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        read(found)
    return {error.pointer: error.detail for error in caught.value.errors}


def entry(condition: dict[str, Any]) -> dict[str, Any]:
    return {"entry": condition, "exit": compare(CLOSE, "<", SMA)}


def test_it_reads_what_it_wrote() -> None:
    made = specification()
    assert read(made.model_dump()) == made
    assert read(made.model_dump(mode="json")) == made


@pytest.mark.parametrize(
    ("found", "pointer", "remedy"),
    [
        ([], "", "an object"),
        (document(long=None), "/long", "Give `long`, `short` or both"),
        (document(colour="red"), "/colour", "Remove it"),
        (document(name=""), "/name", "at least 1 character"),
        (document(sizing=None), "/sizing", "Add it"),
        (document(long=entry(compare({**CLOSE, "column": "price"}, ">", SMA))), "/long/entry/left/column", "'close'"),
        (document(long=entry({"kind": "when"})), "/long/entry", "'compare'"),
        (document(long=entry({"of": []})), "/long/entry", "kind"),
        (document(long=entry(every(compare(CLOSE, "=", SMA)))), "/long/entry/of/0/sign", "'>='"),
        (document(parameters={"period": {"value": "ten"}}), "/parameters/period/value", "float"),
        (document(parameters={"period": {"value": float("nan")}}), "/parameters/period/value", "finite"),
        (document(parameters={"Period": {"value": 1}}), "/parameters/Period", "small letters"),
    ],
)
def test_it_points_to_what_has_no_shape(found: Any, pointer: str, remedy: str) -> None:
    said = faults(found)
    assert remedy in said[pointer]


@pytest.mark.parametrize(
    ("changes", "pointer", "remedy"),
    [
        (
            {"long": entry(compare(CLOSE, ">", number("level")))},
            "/long/entry/right/parameter",
            "Add it to `parameters`",
        ),
        ({"long": entry(compare(CLOSE, ">", indicator("sam", period="period")))}, "/long/entry/right/name", "`sma`"),
        ({"long": entry(compare(CLOSE, ">", indicator("sma")))}, "/long/entry/right/args", "needs `period`"),
        (
            {"long": entry(compare(CLOSE, ">", indicator("sma", period="period", width="period")))},
            "/long/entry/right/args/width",
            "It takes: `period`",
        ),
        (
            {"long": entry(compare(CLOSE, ">", indicator("sma", output="upper", period="period")))},
            "/long/entry/right/output",
            "`line`",
        ),
        (
            {"long": entry(compare(CLOSE, ">", indicator("atr", source=CLOSE, period="period")))},
            "/long/entry/right/source",
            "Leave the source out",
        ),
        (
            {"long": entry(compare(CLOSE, ">", indicator("sma", source=number("period"), period="period")))},
            "/long/entry/right/source",
            "never changes",
        ),
        ({"long": entry({"kind": "signal", "indicator": SMA})}, "/long/entry/indicator", "Compare it"),
        ({"long": {"entry": compare(CLOSE, ">", SMA)}}, "/long/exit", "Nothing closes the position"),
        ({"sizing": {"kind": "risk", "amount": "equity_percent"}}, "/sizing/kind", "Add `stop`"),
        ({"target": {"kind": "risk", "distance": "period"}}, "/target/kind", "Add `stop`"),
        ({"stop": {"kind": "atr", "distance": "period"}}, "/stop/period", "Name a parameter"),
        ({"stop": {"kind": "percent", "distance": "period", "period": "period"}}, "/stop/period", "Leave it out"),
        ({"stop": {"kind": "percent", "distance": "period", "fixed": True}}, "/stop/fixed", "a price that stays"),
        (
            {"stop": {"kind": "price", "distance": "period", "fixed": True, "trailing": True}},
            "/stop/fixed",
            "a price that stays",
        ),
        ({"hold": "days"}, "/hold", "Add it to `parameters`"),
        ({"parameters": {"buy": {"value": 1}}}, "/parameters/buy", "Choose another name"),
        ({"parameters": {"class": {"value": 1}}}, "/parameters/class", "Choose another name"),
        ({"parameters": {"a": {"value": 5, "low": 6}}}, "/parameters/a/value", "at least 6"),
        ({"parameters": {"a": {"value": 5, "high": 4}}}, "/parameters/a/value", "at most 4"),
        ({"parameters": {"a": {"value": 5, "low": 6, "high": 4}}}, "/parameters/a/low", "Exchange them"),
        ({"parameters": {"a": {"value": 5, "step": 0}}}, "/parameters/a/step", "above 0"),
        ({"parameters": {"a": {"value": 5.5, "whole": True}}}, "/parameters/a/value", "whole"),
    ],
)
def test_it_points_to_what_does_not_fit(changes: dict[str, Any], pointer: str, remedy: str) -> None:
    said = faults(document(**changes))
    assert remedy in said[pointer]


@pytest.mark.parametrize(
    ("value", "unit", "remedy"),
    [(0, "bars", "above 0"), (10.5, "bars", "whole"), (7000, "", "from 1 to 2000"), (5, "percent", "length of time")],
)
def test_it_checks_a_length_where_it_is_used(value: float, unit: str, remedy: str) -> None:
    said = faults(document(parameters={"period": {"value": value, "unit": unit}}))
    assert remedy in said["/long/entry/right/args/period"]


def test_it_takes_a_length_of_time_that_is_many_bars() -> None:
    made = specification(parameters={"period": {"value": 200, "unit": "days"}})
    assert in_words(made)[0] == "Buy when the close crosses over SMA(200 days)."


@pytest.mark.parametrize(("value", "unit"), [(101, "percent"), (1.5, ""), (1.01, "ratio")])
def test_it_never_sizes_more_than_the_equity(value: float, unit: str) -> None:
    said = faults(document(parameters={"equity_percent": {"value": value, "unit": unit}}))
    assert "at most 100 percent" in said["/sizing/amount"]


def test_it_names_every_fault_at_once() -> None:
    said = faults(document(hold="days", target={"kind": "risk", "distance": "gain"}, parameters={"buy": {"value": 1}}))
    assert set(said) == {"/hold", "/target/kind", "/target/distance", "/parameters/buy"}


def test_it_bounds_how_deep_rules_lie() -> None:
    condition = compare(CLOSE, ">", SMA)
    for _ in range(13):
        condition = nothing_but(condition)
    assert "at most 12" in next(iter(faults(document(long=entry(condition))).values()))
    for _ in range(2000):
        condition = nothing_but(condition)
    assert faults(document(long=entry(condition)))


def test_it_bounds_how_many_rules_there_are() -> None:
    many = every(*[every(*[compare(CLOSE, ">", SMA)] * 12)] * 12)
    assert "at most 200" in faults(document(long=entry(many)))[""]


def test_it_says_the_rules_in_words() -> None:
    rsi = indicator("rsi", period="rsi_period")
    made = specification(
        parameters={
            "rsi_period": {"value": 14},
            "low": {"value": 30},
            "bars": {"value": 3},
            "stop_percent": {"value": 2.5, "unit": "percent"},
            "risk": {"value": 2},
            "hold": {"value": 2, "unit": "days"},
        },
        long={
            "entry": every(
                cross(rsi, "under", number("low")),
                {
                    "kind": "any",
                    "of": [compare({**CLOSE, "ago": 1}, ">=", SMA), {"kind": "during", "weekdays": [0, 4]}],
                },
                {"kind": "trend", "operand": SMA, "way": "rising", "bars": "bars"},
            ),
        },
        short={"entry": {"kind": "signal", "indicator": indicator("engulfing", output="bearish")}},
        stop={"kind": "percent", "distance": "stop_percent", "trailing": True},
        target={"kind": "risk", "distance": "risk"},
        hold="hold",
    )
    assert in_words(made) == [
        "Buy when RSI(14) crosses under 30 and (the close 1 bar ago is at or above SMA(10) or the day is Monday or "
        "Friday) and SMA(10) is rising for 3 bars.",
        "Sell short when the pattern is: Bearish engulfing.",
        "Trailing stop 2.5% from the price.",
        "Take profit at 2 times the stop's distance.",
        "Close after 2 days.",
        "Each position takes 50% of the equity.",
    ]
