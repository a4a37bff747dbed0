"""An idea as words: lower case, without hyphens and brackets, each with its place in the text and its stem."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

WORD = re.compile(r"\d+(?:\.\d+)?|[^\W\d_]+(?:'[^\W\d_]+)?|%")
# Forms that no ending explains, and those that mean the same to a trader.
SAME = {
    "broke": "break",
    "broken": "break",
    "breakouts": "breakout",
    "crossover": "cross",
    "crossovers": "cross",
    "crossing": "cross",
    "reversal": "revers",
    "reversals": "revers",
    "revert": "revers",
    "reverts": "revers",
    "reverted": "revers",
    "reverting": "revers",
    "expand": "expans",
    "expands": "expans",
    "expanding": "expans",
    "divergent": "diverg",
    "averages": "averag",
    "averaging": "averag",
    "avg": "averag",
    "highs": "high",
    "lows": "low",
    "fell": "fall",
    "falling": "fall",
    "rose": "rise",
    "rising": "rise",
    "liqs": "liq",
    "volumes": "volum",
    "volatile": "volatil",
    "volatility": "volatil",
    "news": "news",
    "ema's": "ema",
    "mas": "ma",
    "shorts": "shorts",
    "longs": "longs",
    "us": "us",
    "series": "series",
    "bias": "bias",
    "basis": "basis",
    "ribbon": "ribbon",
    "bands": "band",
    "days": "day",
    "overbought": "overbought",
    "panicking": "panic",
    "panicked": "panic",
    "greedy": "greed",
    "euphoric": "euphoria",
    "dries": "dry",
    "dried": "dry",
    "drying": "dry",
    "wiped": "wipe",
    "wipes": "wipe",
    "retest": "retest",
    "retests": "retest",
    "pressure": "pressur",
}
ENDINGS = ("ings", "ing", "ions", "ion", "ences", "ence", "edly", "ies", "ied")
SHORT_ENDINGS = ("ed", "es", "s", "e", "ly")


@dataclass(frozen=True)
class Token:
    text: str
    stem: str
    start: int
    end: int

    @property
    def is_number(self) -> bool:
        return self.text[0].isdigit()


def tokenise(text: str) -> list[Token]:
    found = []
    for hit in WORD.finditer(text):
        word = hit[0].lower().replace("’", "'")
        found.append(Token(word, stem(word), hit.start(), hit.end()))
    return found


@lru_cache(maxsize=4096)
def stem(word: str) -> str:
    """The part that the forms of a word share: breakouts, breakout; liquidated, liquidations; diverging, divergence."""
    word = word.removesuffix("'s").removesuffix("'")
    if word in SAME:
        return SAME[word]
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return _without_double(word.removesuffix(ending))
    for ending in SHORT_ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            return _without_double(word.removesuffix(ending))
    return word


def _without_double(root: str) -> str:
    """`dipp` of dipping is dip; the double letters of squeeze and bull stay."""
    if len(root) > 3 and root[-1] == root[-2] and root[-1] in "bdgmnprt":
        return root[:-1]
    return root.removesuffix("e") if len(root) > 4 else root
