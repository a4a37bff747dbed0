"""A child can write anything into its answer. What bars and rules cannot give is refused, with the reason."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backtests.datasets.inside import framed
from backtests.engine import running
from backtests.engine.ledger import MOST_FILLS, Forged, TooMany
from backtests.engine.outcomes import Failed
from backtests.engine.said import orders
from backtests.engine.settings import Settings
from backtests.engine.verifying import verify
from backtests.sandbox import Sandbox
from tests.backtests.engine.asking import FRAMES, FREE, ask, child
from tests.backtests.engine.strategies import BRACKETS, HEAD, PARTS

Answer = dict[str, Any]
SEVERAL = Settings(exclusive_orders=False)


def first(answer: Answer, *, opens: bool) -> int:
    """The place of the first fill that opens or closes a trade."""
    return next(place for place, of in enumerate(answer["fills"]["of"]) if (of == -1) == opens)


def put(column: str, value: Any, *, opens: bool = True) -> Callable[[Answer], None]:
    """Write a value into the first opening or closing fill."""

    def forge(answer: Answer) -> None:
        answer["fills"][column][first(answer, opens=opens)] = value

    return forge


def scaled(column: str, factor: float, *, opens: bool = True) -> Callable[[Answer], None]:
    """Multiply a value of the first opening or closing fill."""

    def forge(answer: Answer) -> None:
        answer["fills"][column][first(answer, opens=opens)] *= factor

    return forge


def every(column: str, value: Any) -> Callable[[Answer], None]:
    """Write a value into all fills."""

    def forge(answer: Answer) -> None:
        answer["fills"][column] = [value] * len(answer["fills"][column])

    return forge


def shift(by: int) -> Callable[[Answer], None]:
    """Move the last fill by some bars."""

    def forge(answer: Answer) -> None:
        for column in ("bar", "at"):
            answer["fills"][column][-1] += by

    return forge


def no_spread(answer: Answer) -> None:
    """Buy at the very low of a bar, without paying the spread."""
    place = first(answer, opens=True)
    answer["fills"]["price"][place] = float(FRAMES["GOOG"]["Low"].iloc[answer["fills"]["at"][place]])


def twice(answer: Answer) -> None:
    """Close the first trade a second time, with the next fill."""
    place = first(answer, opens=False)
    fills = answer["fills"]
    for column in fills.values():
        column.insert(place + 1, column[place])
    fills["of"] = [of + 1 if of > place else of for of in fills["of"]]


def cut(answer: Answer) -> None:
    """One column is shorter than the others."""
    answer["fills"]["price"].pop()


def closes_a_close(answer: Answer) -> None:
    """A fill says that it closes one that itself closes."""
    places = [place for place, of in enumerate(answer["fills"]["of"]) if of != -1]
    answer["fills"]["of"][places[1]] = places[0]


def without(name: str) -> Callable[[Answer], None]:
    def forge(answer: Answer) -> None:
        del answer[name]

    return forge


def said(name: str, value: Any) -> Callable[[Answer], None]:
    def forge(answer: Answer) -> None:
        answer[name] = value

    return forge


FORGERIES: dict[str, tuple[Callable[[Answer], None], str]] = {
    "bought below the low": (scaled("price", 0.9), "ranges from"),
    "sold above the high": (scaled("price", 1.1, opens=False), "ranges from"),
    "as if there were no spread": (no_spread, "ranges from"),
    "a price of nothing": (put("price", 0.0), "has no price"),
    "a negative price": (put("price", -5.0), "has no price"),
    "an infinite price": (put("price", math.inf), "no finite number"),
    "a price that is no number": (put("price", "100"), "is no number"),
    "a price of true": (put("price", True), "is no number"),
    "a price too long for a float": (put("price", 10**400), "no finite number"),
    "no price": (put("price", None), "is no number"),
    "more than the cash buys": (scaled("size", 40), "times what cash and margin allowed"),
    "part of a unit": (put("size", 0.5), "is no whole number"),
    "no size": (put("size", 0), "has no size"),
    "a size beyond all floats": (put("size", 1e300), "is no whole number"),
    "more closed than opened": (scaled("size", 3, opens=False), "More is closed"),
    "closed twice": (twice, "More is closed"),
    "closed on the other side": (scaled("size", -1, opens=False), "of the other side"),
    "closes what is closed": (closes_a_close, "that is not open"),
    "closes the future": (put("of", 10**6, opens=False), "that is not open"),
    "closes itself": (put("of", -7, opens=False), "that is not open"),
    "after the last bar": (shift(10**6), "outside of the bars"),
    "before the first bar": (put("bar", -3), "outside of the bars"),
    "while indicators warm up": (said("first", 201), "outside of the bars"),
    "out of order": (shift(-200), "earlier than the one before"),
    "yesterday's price": (every("at", 12), "of another bar"),
    "half a bar": (put("bar", 20.5), "is no whole number"),
    "columns of two lengths": (cut, "differ in length"),
    "a column that is no list": (lambda answer: answer["fills"].update(size="many"), "lacks a column"),
    "no fills": (without("fills"), "no list of fills"),
    "no warm-up": (without("warmup"), "no first bar"),
    "a warm-up past the end": (said("warmup", 10**9), "no first bar"),
    "no first bar": (without("first"), "no first bar"),
    "a first bar before all": (said("first", 0), "no first bar"),
    "a first bar past the end": (said("first", 10**9), "no first bar"),
    "other bars": (said("bars", 5), "not made on these bars"),
}


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> tuple[Answer, Any]:
    request = ask(tmp_path_factory.mktemp("bars"), PARTS, settings=SEVERAL)
    answer = child(request)
    verify(answer, framed.read(request.data), SEVERAL)
    return answer, framed.read(request.data)


@pytest.mark.parametrize(("forge", "reason"), FORGERIES.values(), ids=FORGERIES)
def test_it_refuses(honest: tuple[Answer, Any], forge: Callable[[Answer], None], reason: str) -> None:
    answer, frame = copy.deepcopy(honest[0]), honest[1]
    forge(answer)
    with pytest.raises(Forged, match=reason):
        verify(answer, frame, SEVERAL)


@pytest.mark.parametrize("answer", [None, [], "fills", {"fills": []}, {"fills": {}}])
def test_it_refuses_what_is_no_answer(honest: tuple[Answer, Any], answer: Any) -> None:
    with pytest.raises(Forged):
        verify(answer, honest[1], SEVERAL)


def test_it_refuses_trades_in_both_directions_at_once(honest: tuple[Answer, Any]) -> None:
    fills = made([(-1, 20, 5), (-1, 21, -5)], honest[1])
    with pytest.raises(Forged, match="against another one"):
        verify(fills, honest[1], FREE)


def test_it_refuses_a_second_trade_for_the_same_cash(honest: tuple[Answer, Any]) -> None:
    fills = made([(-1, 20, 70), (-1, 21, 70)], honest[1])
    with pytest.raises(Forged, match=r"Fill 2 needs \d"):
        verify(fills, honest[1], FREE)
    verify(fills, honest[1], Settings(commission=0, spread=0, margin=0.5))


def test_it_refuses_trades_after_the_account_is_empty(honest: tuple[Answer, Any]) -> None:
    frame = honest[1].copy()
    frame.iloc[25:] *= 0.5
    fills = made([(-1, 20, 350), (0, 30, 350)], frame)
    with pytest.raises(Forged, match="was empty at bar 25"):
        verify(fills, frame, Settings(commission=0, spread=0, margin=0.2))


def test_it_refuses_an_end_before_the_beginning(honest: tuple[Answer, Any]) -> None:
    settings = Settings(commission=0, spread=0, trade_on_close=True)
    answer = made([(-1, 20, 5), (0, 20, 5)], honest[1])
    answer["fills"]["at"][1] = 19
    answer["fills"]["price"][1] = float(honest[1]["Close"].iloc[19])
    with pytest.raises(Forged, match="ends before it begins"):
        verify(answer, honest[1], settings)


def test_it_refuses_more_fills_than_anybody_can_look_at(honest: tuple[Answer, Any]) -> None:
    answer = copy.deepcopy(honest[0])
    answer["fills"] = {name: [1] * (MOST_FILLS + 1) for name in answer["fills"]}
    with pytest.raises(TooMany):
        verify(answer, honest[1], SEVERAL)


def test_it_shows_nothing_of_labels_that_have_another_shape(honest: tuple[Answer, Any]) -> None:
    answer = copy.deepcopy(honest[0])
    count = sum(of != -1 for of in answer["fills"]["of"])
    answer["labels"] = {"sl": [-1.0] * count, "tp": "high", "tag": [{"a": 1}] * count}
    table = verify(answer, honest[1], SEVERAL).trades
    assert table[["SL", "TP", "Tag"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("bar", -1), ("bar", 700), ("bar", 1.0), ("size", None), ("size", 0), ("size", "1"), ("size", 10**400),
        ("limit", math.inf), ("stop", True), ("of_trade", None), ("cancels", 2), ("cancels", True),
    ],
)  # fmt: skip
def test_it_takes_no_orders_of_another_shape(honest: tuple[Answer, Any], column: str, value: Any) -> None:
    answer = copy.deepcopy(honest[0])
    assert orders(answer, bars=700)["bar"]
    answer["orders"][column][3] = value
    assert orders(answer, bars=700)["bar"] == []


def test_it_calls_a_result_forged_that_the_strategy_wrote_itself(sandbox: Sandbox, tmp_path: Path) -> None:
    code = BRACKETS + (
        "\nimport sys\nreport = sys.modules['backtests.engine.inside.report']\ntrue = report.brief\n"
        "def lie(simulation):\n    said = true(simulation)\n"
        "    said['fills']['price'] = [1.0 for _ in said['fills']['price']]\n    return said\n"
        "report.brief = lie\n"
    )
    failed = running.run(sandbox, ask(tmp_path, code))
    assert isinstance(failed, Failed)
    assert failed.kind == "forged"
    assert "Fill 1 has the price" in failed.message


def test_it_flags_no_honest_stop_that_is_close_to_the_edge_of_its_bar(tmp_path: Path) -> None:
    code = HEAD + (
        "class Edge(Strategy):\n    def init(self): pass\n    def next(self):\n"
        "        if not self.position: self.buy(size=0.5, sl=self.data.Low[-1] * 0.999, tp=self.data.High[-1] * 1.01)\n"
    )
    request = ask(tmp_path, code)
    assert len(verify(child(request), framed.read(request.data), Settings()).trades) > 50


def made(rows: list[tuple[int, int, int]], frame: Any) -> Answer:
    """An answer with fills (of, bar, size) at the open of their bars."""
    return {
        "bars": len(frame),
        "first": 1,
        "warmup": 0,
        "fills": {
            "of": [of for of, _, _ in rows],
            "bar": [bar for _, bar, _ in rows],
            "at": [bar for _, bar, _ in rows],
            "size": [size for _, _, size in rows],
            "price": [float(frame["Open"].iloc[bar]) for _, bar, _ in rows],
        },
    }
