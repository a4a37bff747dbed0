"""What a vague idea does not want: `without volume`, `ignore RSI`, `don't buy breakouts`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backtests.rbi.interpretation.shapes import Unknown
from backtests.rbi.interpretation.stated import mask
from backtests.rbi.matching.lexicon import neutral, vocabulary
from backtests.rbi.matching.tokens import tokenise

DENIES = (
    r"(?:not(?!\s+(?:only|just))|no|without|avoid(?:s|ing)?|ignor(?:e|es|ing)|never|don['’]?t|exclud(?:e|es|ing)"
    r"|except|instead\s+of|rather\s+than)"
)
# A denial ends with its clause, at the latest after so many words; bounded, so that it is read in a moment.
WORD = r"[\w'’%-]+"
ENDS = r"(?:and|but|then|just|when|if|while|because|so|only|instead)\b"
CLAUSE = re.compile(rf"\b{DENIES}\s+{WORD}(?:[ \t]+(?!{ENDS}){WORD}){{0,4}}", re.IGNORECASE)
HINT = "What an idea does not want is not looked for. It sets no rule of its own: say what to trade."


def without_denied(text: str) -> str:
    """The text with what is denied masked; every other character keeps its place."""
    return mask(text, [hit.span() for hit in CLAUSE.finditer(text)])


def denied(text: str) -> Iterator[tuple[Unknown, tuple[int, int]]]:
    """The clauses whose words would have become something, with their places."""
    for hit in CLAUSE.finditer(text):
        if any(token.stem in vocabulary() and not neutral() & {token.stem, token.text} for token in tokenise(hit[0])):
            yield Unknown(hit[0], *hit.span(), HINT), hit.span()
