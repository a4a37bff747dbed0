"""Which blueprints vague ideas become."""

from __future__ import annotations

import pytest

from backtests.rbi.blueprints import LIBRARY
from backtests.rbi.drafter import draft
from backtests.rbi.matching import match
from backtests.rbi.matching.tokens import stem
from backtests.rbi.matching.typos import distance, nearest
from tests.backtests.rbi.matching.ideas import IDEAS, NOTHING


@pytest.mark.parametrize(("text", "base", "filters"), IDEAS, ids=[text[:50] for text, _, _ in IDEAS])
def test_it_makes_the_strategy_that_people_mean(text: str, base: str, filters: tuple[str, ...]) -> None:
    found = draft(text)
    assert (found.path, found.blueprint) == ("blueprint", base)
    assert found.specification is not None
    title = LIBRARY[base].title
    others = {LIBRARY[name].title for name in filters}
    named = set(found.specification.name.removeprefix(title).removeprefix(" with ").split(", ")) - {""}
    assert named == others or found.specification.name.endswith("…")


@pytest.mark.parametrize("text", NOTHING)
def test_it_makes_nothing_of_a_text_without_a_way_to_trade_and_says_what_to_write(text: str) -> None:
    found = draft(text)
    assert (found.path, found.specification) == ("nothing", None)
    assert "Say what should happen before a trade" in found.answer


@pytest.mark.parametrize("name", LIBRARY)
def test_it_finds_a_blueprint_by_each_of_its_words(name: str) -> None:
    for word in LIBRARY[name].words:
        found = match(word)
        assert name in [one.blueprint.name for one in found if one.is_named][:2], word


@pytest.mark.parametrize("name", LIBRARY)
def test_it_takes_the_title_of_a_blueprint_for_that_blueprint(name: str) -> None:
    """People type what they have read on the page."""
    title = LIBRARY[name].title
    for text in (title, title.lower()):
        found = draft(text)
        assert found.specification is not None, found.answer
        assert (found.path, found.specification.name) == ("blueprint", title)


def test_it_scores_and_says_what_each_word_was_taken_for() -> None:
    first, *others = match("funding rate extremes with a volume spike")
    assert first.blueprint.name == "funding_extreme"
    assert first.words == {"funding extremes": "Fade of extreme funding"} or "funding rate" in first.words
    assert first.score > others[0].score > 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("breakouts", "breakout"),
        ("liquidated", "liquidations"),
        ("diverging", "divergence"),
        ("dipping", "dips"),
        ("squeezed", "squeezes"),
        ("reverting", "reversion"),
        ("crossovers", "cross"),
        ("capitulating", "capitulation"),
        ("highs", "high"),
    ],
)
def test_it_knows_the_forms_of_a_word(one: str, other: str) -> None:
    assert stem(one) == stem(other)


def test_it_keeps_apart_what_only_looks_alike() -> None:
    assert stem("liquidity") != stem("liquidation")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("brekaout", "breakout"), ("bolinger", "bollinger"), ("momentun", "momentum"), ("supretrend", "supertrend")],
)
def test_it_mends_a_slip(typed: str, meant: str) -> None:
    assert nearest(typed, {"breakout", "bollinger", "momentum", "supertrend"}) == meant


def test_it_mends_nothing_that_may_mean_two_things_or_is_short() -> None:
    assert nearest("bandt", {"bands", "bandw"}) == ""
    assert nearest("cat", {"car"}) == ""


def test_it_counts_an_exchange_of_neighbours_as_one_slip() -> None:
    assert distance("brekaout", "breakout", 1) == 1
    assert distance("abc", "abcdef", 2) > 2
