"""The phrases of the library, by their stems, and how much each tells."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from functools import cache

from backtests.rbi.blueprints import LIBRARY
from backtests.rbi.matching.neutral import COINS, FUNCTION, TRADING
from backtests.rbi.matching.tokens import stem, tokenise

# A hint speaks for a blueprint and never names it.
HINT = 0.3


@dataclass(frozen=True)
class Phrase:
    """Words that name a blueprint, or hint at it."""

    blueprint: str
    text: str
    stems: tuple[str, ...]
    weight: float
    is_hint: bool


@cache
def phrases() -> tuple[Phrase, ...]:
    """The most telling first."""
    rarity = _rarity()
    found = [
        Phrase(name, text, stems, _weight(stems, rarity) * (HINT if is_hint else 1), is_hint)
        for name, text, stems, is_hint in _all()
    ]
    return tuple(sorted(found, key=lambda phrase: (-phrase.weight, -len(phrase.stems))))


@cache
def vocabulary() -> frozenset[str]:
    """The stems of all phrases."""
    return frozenset(part for _, _, stems, _ in _all() for part in stems)


@cache
def spellings() -> frozenset[str]:
    """The words that a mistyped one may have meant, as they are written."""
    return frozenset(token.text for _, text, _, _ in _all() for token in tokenise(text) if token.text.isalpha())


@cache
def neutral() -> frozenset[str]:
    return frozenset(stem(word) for word in FUNCTION | TRADING) | FUNCTION | TRADING | frozenset(COINS)


def stems_of(text: str) -> tuple[str, ...]:
    """Without the small words between."""
    return tuple(token.stem for token in tokenise(text) if token.text not in FUNCTION)


@cache
def _all() -> tuple[tuple[str, str, tuple[str, ...], bool], ...]:
    return tuple(
        (name, text, stems_of(text), is_hint)
        for name, blueprint in LIBRARY.items()
        for is_hint, texts in ((False, (blueprint.title, *blueprint.words)), (True, blueprint.hints))
        for text in texts
    )


def _rarity() -> dict[str, float]:
    """A stem that few blueprints use tells more."""
    uses = Counter(part for _, part in {(name, part) for name, _, stems, _ in _all() for part in stems})
    return {part: math.log(1 + len(LIBRARY) / count) for part, count in uses.items()}


def _weight(stems: tuple[str, ...], rarity: dict[str, float]) -> float:
    """The words' rarities, and more for a phrase of several: it is seldom there by chance."""
    return sum(rarity[part] for part in stems) * (1 + 0.25 * (len(stems) - 1))
