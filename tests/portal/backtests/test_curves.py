"""Thinning, candles, months and the map of an optimisation: arithmetic without a page."""

from __future__ import annotations

import numpy as np
import pytest

from backtests.objectives import OBJECTIVES
from backtests.portal import curves, heat, months
from backtests.portal.pieces import Piece, pieces_of
from backtests.portal.words import percent, plain


def test_it_keeps_every_curve_that_is_short() -> None:
    assert curves.thin([np.arange(10.0)]).tolist() == list(range(10))


def test_it_loses_no_peak_of_a_long_curve() -> None:
    generator = np.random.default_rng(1)
    walk = generator.normal(size=50_000).cumsum()
    spikes = walk.copy()
    spikes[31_337] = 1e6
    places = curves.thin([walk, spikes])
    assert len(places) <= 2 * 2 * curves.PARTS + 2
    assert 31_337 in places
    for curve in (walk, spikes):
        assert curve.argmin() in places
    assert walk.argmax() in places
    assert places[0] == 0
    assert places[-1] == 49_999


def test_it_takes_no_gap_for_a_peak() -> None:
    curve = np.full(5_000, np.nan)
    curve[2_500] = 3.0
    assert 2_500 in curves.thin([curve])


def test_it_draws_bars_together_with_their_whole_range() -> None:
    times = np.arange(10)
    highs = np.array([1, 9, 2, 3, 4, 5, 6, 7, 8, 2.0])
    opens = np.arange(10, dtype=np.float64)
    found = curves.candles(times, opens, highs, -highs, opens + 0.5, most=5)
    assert found.times.tolist() == [0, 2, 4, 6, 8]
    assert found.high.tolist() == [9, 3, 5, 7, 8]
    assert found.low.tolist() == [-9, -3, -5, -7, -8]
    assert found.open.tolist() == [0, 2, 4, 6, 8]
    assert found.close.tolist() == [1.5, 3.5, 5.5, 7.5, 9.5]


def test_it_counts_a_month_from_the_end_of_the_one_before() -> None:
    days = np.array(["2023-12-15", "2023-12-31", "2024-01-31", "2024-02-10"], "datetime64[s]").astype(np.int64)
    found = months.monthly(days, np.array([100.0, 110.0, 99.0, 99.0]))
    assert [year.year for year in found] == [2023, 2024]
    assert found[0].months[11] == pytest.approx(10.0)
    assert found[1].months[:2] == pytest.approx((-10.0, 0.0))
    assert found[1].months[2] is None
    assert found[1].total == pytest.approx(-10.0)


def test_it_maps_the_two_parameters_with_most_values_and_takes_the_best_of_the_rest() -> None:
    cells = [
        {"parameters": {"a": a, "b": b, "c": c}, "return_pct": a + 10 * b + 100 * c}
        for a in (1, 2, 3)
        for b in (1, 2)
        for c in (0, 1)
    ]
    cells.append({"parameters": {"a": 3, "b": 1, "c": 0}, "return_pct": None})
    found = heat.build(cells, {"a": 2, "b": 2, "c": 1}, OBJECTIVES["return"])
    assert found is not None
    assert (found.across, found.down, found.best) == ("a", "b", ("c",))
    assert (found.tried, found.failed) == (13, 1)
    assert found.lines[1][1][1] == heat.Square("+122.00 %", 4, is_chosen=True)


def test_it_draws_no_map_of_one_place() -> None:
    assert heat.build([{"parameters": {"a": 1}, "return_pct": 1.0}], {}, OBJECTIVES["return"]) is None


def test_it_maps_what_the_search_was_after() -> None:
    cells = [{"parameters": {"a": a}, "return_pct": 9.0, "sharpe": a / 4} for a in (1, 2)]
    cells.append({"parameters": {"a": 3}, "stats": {"Return [%]": 9.0, "Sharpe Ratio": 0.75}})
    found = heat.build(cells, {"a": 2}, OBJECTIVES["sharpe"])
    assert found is not None
    assert (found.shown, found.failed) == ("Sharpe ratio", 0)
    assert [square.text for square in found.lines[0][1] if square] == ["0.25", "0.50", "0.75"]


@pytest.mark.parametrize(
    ("value", "text"),
    [(10.0, "10"), (0.12345, "0.1235"), (True, "yes"), (None, "–"), (float("nan"), "–"), (12345.678, "12,345.68")],
)
def test_it_writes_values_in_few_characters(value: object, text: str) -> None:
    assert plain(value) == text


@pytest.mark.parametrize(("value", "text"), [(1.0, "+1.00 %"), (-0.5, "-0.50 %"), (None, "–"), (float("inf"), "–")])
def test_it_writes_the_sign_of_a_percentage(value: float | None, text: str) -> None:
    assert percent(value) == text


def test_it_shows_what_a_step_made_in_lines_lists_and_blocks() -> None:
    made = {
        "code": "a = 1\nb = 2",
        "improved": False,
        "nothing": [],
        "notes": [{"code": "x", "text": "Something was assumed."}, "plain"],
        "interpretation": {"path": "stated rules", "pieces": [{"words": "buy", "became": "Opens"}], "deep": {"a": 1}},
        "faults": [{"line": 3, "kind": "syntax", "why": ""}],
        "space": [0.5, 2.0, 10],
    }
    found = {piece.name: piece for piece in pieces_of(made)}
    assert found["Code"] == Piece("Code", "a = 1\nb = 2", is_block=True)
    assert found["Improved"].text == "no"
    assert found["Notes"].items == ("Something was assumed.", "plain")
    assert found["Interpretation: path"].text == "stated rules"
    assert found["Interpretation: pieces"].items == ("buy → Opens",)
    assert found["Interpretation: deep"].is_block
    assert found["Faults"].items == ("line: 3, kind: syntax",)
    assert found["Space"] == Piece("Space", "0.5, 2, 10")
    assert "Nothing" not in found
