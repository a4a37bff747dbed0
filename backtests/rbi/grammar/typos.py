"""Words with a slip of the finger, as the ones that were meant: belwo, volumne, avrage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache, lru_cache

from backtests.rbi.grammar.hints import KNOWN
from backtests.rbi.grammar.vocabulary import vocabulary
from backtests.rbi.grammar.words import Word

# Shorter words are mended only where two letters changed places: too many others are near.
SHORT = 5
# One letter for another is a slip only in words so long; in shorter ones it is another word.
LONG = 8
LONGEST = 20
# Forms of a word are no slips: `market` is not what `markets` means to say.
ENDINGS = ("s", "es", "d", "ed", "r", "er", "ly", "y", "ing", "n")
# English words that are one slip away from a word of the vocabulary and mean something else.
_OTHERS = """
    form trial quiet quite though trough thought exist exists existing closest clothes prize pride prince charge pints
    spring string strings angel causal casual united patter crossing crosser stopper beyond befall bellow averse revers
    reserve rest sorts shorter longer smaller larger newer higher lower
"""
OTHERS = frozenset(_OTHERS.split())


def mended(words: Sequence[Word]) -> list[Word]:
    """The words as they were meant."""
    return [replace(word, text=meant_by(word.text)) if word.kind == "word" else word for word in words]


def slips(words: Sequence[Word]) -> Iterator[tuple[Word, str]]:
    """Each word that is not what was typed, and what it was taken for."""
    for word in words:
        if word.kind == "word" and meant_by(word.text) != word.text:
            yield word, meant_by(word.text)


@lru_cache(maxsize=4096)
def meant_by(word: str) -> str:
    """The one known word that is a single slip away; the word itself when there is none or more than one."""
    if len(word) < 3 or len(word) > LONGEST or not word.isascii() or not word.isalpha() or _is_known(word):
        return word
    found = {known for known in _near(word) if _is_slip(word, known)}
    return found.pop() if len(found) == 1 else word


def _is_known(word: str) -> bool:
    roots = (word.removesuffix(ending) for ending in ENDINGS if word.endswith(ending))
    written = word in vocabulary() or word in OTHERS or word in KNOWN
    return written or any(_is_root(root) for root in roots if len(root) > 2)


def _is_root(root: str) -> bool:
    return root in vocabulary() or root in KNOWN or f"{root}e" in vocabulary()


def _near(word: str) -> Iterator[str]:
    for length in (len(word) - 1, len(word), len(word) + 1):
        yield from _by_shape().get((word[0], length), ())


@cache
def _by_shape() -> dict[tuple[str, int], list[str]]:
    """Known words by their first letter, which people seldom mistype, and their length."""
    found: dict[tuple[str, int], list[str]] = {}
    for known in vocabulary():
        if known.isascii() and known.isalpha():
            found.setdefault((known[0], len(known)), []).append(known)
    return found


def _is_slip(word: str, known: str) -> bool:
    """Neighbours exchanged; one letter too many or too few; in long words one letter for another."""
    if len(word) == len(known):
        differ = [place for place in range(len(word)) if word[place] != known[place]]
        if len(differ) == 2 and differ[1] == differ[0] + 1:
            first, last = differ
            return word[first] == known[last] and word[last] == known[first]
        return len(differ) == 1 and len(word) >= LONG and differ[0] < len(word) - 1
    shorter, longer = sorted((word, known), key=len)
    return len(shorter) >= SHORT and any(longer[:at] + longer[at + 1 :] == shorter for at in range(1, len(longer)))
