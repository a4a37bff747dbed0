"""Text as words, numbers and signs with their places."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Thousands are only taken for one number outside of brackets: RSI(14,200) has two.
FORM = re.compile(
    r"(?P<thousands>[0-9]{1,3}(?:,[0-9]{3})+(?![0-9]|,[0-9])(?:\.[0-9]+)?)|(?P<number>[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
    r"|(?P<word>x(?=atr\b)|[a-z]+(?:['’][a-z]+)?)|(?P<sign>->|=>|=<|>=|<=|==|\|\||&&|\n|[^\s\w])|(?P<other>[^\W0-9a-z]+)",
    re.IGNORECASE,
)
SAME = {"’": "'", "‘": "'", "–": "-", "—": "-", "−": "-", "→": "->", "==": "=", "“": '"', "”": '"'}
QUIET = frozenset("\"'`*_~|#•·“”‘{}")


@dataclass(frozen=True, slots=True)
class Word:
    """A word in lower case, a number or a sign. `glued`: nothing stands between it and the one before."""

    text: str
    start: int
    end: int
    kind: str
    glued: bool


def words_of(text: str) -> list[Word]:
    """All of a text. A hyphen within a word is left out: 200-day, z-score."""
    found: list[Word] = []
    depth = last = 0
    place = 0
    while match := FORM.search(text, place):
        kind = match.lastgroup or "other"
        if kind == "thousands" and depth:
            match = re.compile(r"[0-9]+(?:\.[0-9]+)?").match(text, match.start()) or match
            kind = "number"
        shown = SAME.get(match.group(), match.group().lower().replace("’", "'"))
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(shown, 0)
        found.append(Word(shown, match.start(), match.end(), kind, bool(found) and match.start() == last))
        place = last = match.end()
    return [word for place, word in enumerate(found) if not _is_hyphen(found, place)]


def _is_hyphen(words: list[Word], place: int) -> bool:
    if words[place].text != "-" or not 0 < place < len(words) - 1:
        return False
    before, after = words[place - 1], words[place + 1]
    joins = (
        words[place].glued and after.glued and before.kind in ("word", "number") and after.kind in ("word", "number")
    )
    return joins and not (before.kind == "number" and after.kind == "number")
