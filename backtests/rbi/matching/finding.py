"""Finds the library's phrases in a text."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from backtests.rbi.blueprints import LIBRARY, Blueprint
from backtests.rbi.matching.lexicon import Phrase, neutral, phrases, spellings, vocabulary
from backtests.rbi.matching.neutral import FUNCTION
from backtests.rbi.matching.tokens import Token, stem, tokenise
from backtests.rbi.matching.typos import nearest

# A phrase of a mistyped word counts for half.
MISTYPED = 0.5


@dataclass(frozen=True)
class Found:
    """A phrase and the tokens that say it."""

    phrase: Phrase
    tokens: tuple[Token, ...]
    weight: float


@dataclass(frozen=True)
class Match:
    """A blueprint, how much the text speaks for it, and what which words were taken for."""

    blueprint: Blueprint
    score: float
    words: dict[str, str] = field(default_factory=dict)
    tokens: tuple[Token, ...] = ()
    # Named by a phrase, not only hinted at.
    is_named: bool = True


@dataclass(frozen=True)
class Sentence:
    """The tokens of a text that carry meaning, mended where mistyped."""

    tokens: tuple[Token, ...]
    mended: frozenset[Token] = frozenset()

    @classmethod
    def of(cls, text: str) -> Sentence:
        tokens, mended = [], set()
        for token in tokenise(text):
            if token.text in FUNCTION:
                continue
            known = token.is_number or token.stem in vocabulary() or token.stem in neutral() or token.text in neutral()
            meant = "" if known else nearest(token.text, spellings())
            tokens.append(replace(token, stem=stem(meant)) if meant else token)
            if meant:
                mended.add(tokens[-1])
        return cls(tuple(tokens), frozenset(mended))

    def without(self, taken: Collection[Token]) -> Sentence:
        return Sentence(tuple(token for token in self.tokens if token not in taken), self.mended)


def found_in(sentence: Sentence) -> list[Found]:
    """Every phrase that the text has, whole, its words close together in any order."""
    stems = {token.stem for token in sentence.tokens}
    found = []
    for phrase in phrases():
        if stems.issuperset(phrase.stems) and (tokens := _place(phrase.stems, sentence.tokens)):
            doubt = MISTYPED if sentence.mended.intersection(tokens) else 1.0
            found.append(Found(phrase, tokens, phrase.weight * doubt))
    return found


def _place(stems: tuple[str, ...], tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """The tokens of the phrase, at most one other word among them."""
    span = len(stems) + (1 if len(stems) > 1 else 0)
    # `EMA 20/50 cross`: numbers stand between the words of a phrase.
    tokens = tuple(token for token in tokens if not token.is_number or token.stem in stems)
    for start in range(len(tokens)):
        window = tokens[start : start + span]
        if window and window[0].stem in stems and (taken := _cover(stems, window)):
            return taken
    return ()


def _cover(stems: tuple[str, ...], window: tuple[Token, ...]) -> tuple[Token, ...]:
    taken: list[Token] = []
    for part in stems:
        token = next((token for token in window if token.stem == part and token not in taken), None)
        if token is None:
            return ()
        taken.append(token)
    return tuple(sorted(taken, key=lambda token: token.start))


def matches(sentence: Sentence) -> list[Match]:
    """Blueprints by what speaks for them; each word counts once for each."""
    by_name: dict[str, list[Found]] = {}
    for found in found_in(sentence):
        taken = {token for other in by_name.get(found.phrase.blueprint, []) for token in other.tokens}
        if not taken.intersection(found.tokens):
            by_name.setdefault(found.phrase.blueprint, []).append(found)
    made = [_match(name, found) for name, found in by_name.items()]
    order = {name: place for place, name in enumerate(LIBRARY)}
    return sorted(made, key=lambda match: (-match.is_named, -match.score, order[match.blueprint.name]))


def _match(name: str, found: list[Found]) -> Match:
    blueprint = LIBRARY[name]
    words = {" ".join(token.text for token in one.tokens): _meaning(blueprint, one.phrase) for one in found}
    tokens = tuple(sorted({token for one in found for token in one.tokens}, key=lambda token: token.start))
    is_named = any(not one.phrase.is_hint for one in found)
    return Match(blueprint, round(sum(one.weight for one in found), 3), words, tokens, is_named)


def _meaning(blueprint: Blueprint, phrase: Phrase) -> str:
    return f"speaks for {blueprint.title}" if phrase.is_hint else blueprint.title
