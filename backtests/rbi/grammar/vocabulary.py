"""What each phrase means: those of phrases.txt, and the words that indicators bring from the registry."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from backtests.rbi.grammar.words import words_of
from backtests.rbi.indicators import REGISTRY

FILE = Path(__file__).with_name("phrases.txt")
# A phrase of this type says nothing and is left out.
QUIET = "-"
# The file has a kind of word of its own for them, since they read differently: the 20-bar highest high.
EXTREMES = ("highest", "lowest")


class Meaning(NamedTuple):
    """The token that a phrase becomes, and its value as the phrase file or the registry writes it."""

    type: str
    value: str = ""
    line: str = ""


@cache
def meanings() -> Mapping[tuple[str, ...], Meaning]:
    """Every phrase as its words."""
    found: dict[tuple[str, ...], Meaning] = {}
    for phrase, meaning in (*written(), *registered()):
        found.setdefault(tuple(word.text for word in words_of(phrase)), meaning)
    return found


@cache
def longest() -> int:
    """How many words the longest phrase has."""
    return max(len(words) for words in meanings())


@cache
def vocabulary() -> frozenset[str]:
    """Every single word that means something, for hints."""
    return frozenset(word for words in meanings() for word in words if len(word) > 2)


def written() -> Iterator[tuple[str, Meaning]]:
    """The phrases of the file."""
    lines = [line for line in FILE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    for section in re.split(r"^\[", "\n".join(lines), flags=re.MULTILINE)[1:]:
        head, _, phrases = section.partition("]")
        kind, _, value = head.partition(" ")
        yield from ((phrase, Meaning(kind, value)) for phrase in " ".join(phrases.split()).split(", "))


def registered() -> Iterator[tuple[str, Meaning]]:
    """The phrases of the registry's indicators and their lines."""
    for definition in REGISTRY.values():
        for line in definition.outputs:
            kind = "PATTERN" if line.unit == "yes" else "IND"
            yield from ((phrase, Meaning(kind, definition.name, line.name)) for phrase in line.words)
        if definition.name not in EXTREMES:
            yield from ((phrase, Meaning("IND", definition.name)) for phrase in definition.words)
