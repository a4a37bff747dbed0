"""The words that the grammar knows."""

from __future__ import annotations

from collections import defaultdict

from backtests.rbi.grammar.vocabulary import EXTREMES, FILE, QUIET, Meaning, meanings, registered, written
from backtests.rbi.grammar.words import words_of
from backtests.rbi.indicators import REGISTRY

RULES = FILE.with_name("rules.lark").read_text(encoding="utf-8")
# These are gone before the parser sees them: they end statements, or become others.
BEFORE_PARSING = {"AND_THEN", "BAND", "CLOCK", "DOT", "ENTRY", "FROM", "LAST", "MULTIPLE", "PAST", "PCT", "POINTS"}
BEFORE_PARSING |= {"NEXT_OPEN", "R", "RATIO", "TIMES", "TRAIL", "UNLESS", "UNTIL", "USD"}


def test_it_gives_no_phrase_two_meanings() -> None:
    found: dict[tuple[str, ...], set[Meaning]] = defaultdict(set)
    for phrase, meaning in (*written(), *registered()):
        found[tuple(word.text for word in words_of(phrase))].add(meaning)
    assert {phrase: meant for phrase, meant in found.items() if len(meant) > 1} == {}


def test_it_knows_every_word_of_every_indicator() -> None:
    for definition in (found for found in REGISTRY.values() if found.name not in EXTREMES):
        for phrase in (*definition.words, *(word for line in definition.outputs for word in line.words)):
            assert meanings()[tuple(word.text for word in words_of(phrase))].value == definition.name


def test_it_has_a_rule_for_every_kind_of_word() -> None:
    kinds = {meaning.type for meaning in meanings().values()} - {QUIET}
    declared = {name for line in RULES.splitlines() if line.startswith("%declare") for name in line.split()[1:]}
    assert kinds - BEFORE_PARSING - declared == set()


def test_it_leaves_out_no_word_that_changes_a_meaning() -> None:
    quiet = {
        word for words, meaning in meanings().items() if meaning.type == QUIET and len(words) == 1 for word in words
    }
    telling = "not no never only except unless half double previous next after before if when was were first last daily"
    assert quiet & set(telling.split()) == set()


def test_it_writes_phrases_in_lower_case() -> None:
    text = "\n".join(line for line in FILE.read_text(encoding="utf-8").splitlines() if not line.startswith(("#", "[")))
    assert text == text.lower()
