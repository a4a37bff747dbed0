"""What the drafter makes of a text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from backtests.rbi.matching import Match
from backtests.rbi.spec import Specification

Path = Literal["stated rules", "blueprint", "nothing"]


@dataclass(frozen=True)
class Piece:
    """Words of the text and what they became."""

    words: str
    became: str


@dataclass(frozen=True)
class Assumption:
    """A rule or a number that the text does not state, its value in words, and why it is this one."""

    name: str
    value: str
    why: str


@dataclass(frozen=True)
class Unknown:
    """Words that were not understood, where they stand, and what may help."""

    text: str
    start: int
    end: int
    hint: str


@dataclass(frozen=True)
class Draft:
    """A strategy and how it came about; without `specification` the `answer` says what to write instead."""

    path: Path
    specification: Specification | None
    interpretation: list[Piece] = field(default_factory=list)
    assumptions: list[Assumption] = field(default_factory=list)
    not_understood: list[Unknown] = field(default_factory=list)
    # What else the text may have meant, best first.
    alternatives: list[Match] = field(default_factory=list)
    answer: str = ""
    # The leading blueprint's name, and the rules in words.
    blueprint: str = ""
    rules: list[str] = field(default_factory=list)
    # What the text says of the data to use: `4h`, and coins by their symbols. Stated rules name no chart: a time is a
    # length there, and `on the 4h chart` is refused.
    timeframe: str = ""
    symbols: tuple[str, ...] = ()
