"""Slips of the finger are mended and told of; other words are left alone."""

from __future__ import annotations

import pytest

from backtests.rbi.grammar import read
from backtests.rbi.grammar.typos import meant_by
from backtests.rbi.grammar.vocabulary import meanings

OTHERS = """
    rsii frobnicator markets bounces weekly half second daily almost sometimes slightly closer clothes trial form quiet
    quite though exists prize charge mars moon wizard longer higher cascades breakouts bull chart rest
"""


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("byu", "buy"),
        ("slel", "sell"),
        ("shrot", "short"),
        ("sotp", "stop"),
        ("belwo", "below"),
        ("abvoe", "above"),
        ("corsses", "crosses"),
        ("volumne", "volume"),
        ("avrage", "average"),
        ("canldes", "candles"),
        ("percetn", "percent"),
        ("bolinger", "bollinger"),
        ("supretrend", "supertrend"),
        ("stochastc", "stochastic"),
    ],
)
def test_it_knows_what_was_meant(typed: str, meant: str) -> None:
    assert meant_by(typed) == meant


@pytest.mark.parametrize("word", OTHERS.split())
def test_it_leaves_other_words_alone(word: str) -> None:
    assert meant_by(word) == word


def test_it_leaves_every_word_alone_that_it_knows() -> None:
    assert [word for words in meanings() for word in words if meant_by(word) != word] == []


def test_it_says_what_it_mended() -> None:
    reading = read("byu when rsi goes belwo 30, exit after 5 bars")
    assert reading.specification is not None
    told = {one.name: one.value for one in reading.assumptions}
    assert (told["byu"], told["belwo"]) == ("buy", "below")


def test_it_says_what_it_took_for_a_name_and_for_one_bar() -> None:
    text = "Donchian special. When the bandwidth is under 4% wait for a close above the upper band and buy, stop 2%"
    reading = read(text.replace("Donchian", "Bollinger"))
    assert reading.specification is not None
    told = {one.name: one.value for one in reading.assumptions}
    assert told["name"] == "Bollinger special"
    assert told["wait for"] == "on the same bar"
