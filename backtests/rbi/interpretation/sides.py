"""Which sides a vague idea trades."""

from __future__ import annotations

import re
from collections.abc import Collection

from backtests.rbi.interpretation.denied import without_denied
from backtests.rbi.interpretation.shapes import Assumption, Piece, Unknown
from backtests.rbi.matching.tokens import Token, tokenise
from backtests.rbi.spec import Specification

NO_SHORTS = r"(?:no|without|don't|never)\s+short(?:s|ing)?"
ONLY = {
    "long": rf"\b(?:long[\s-]*only|only\s+(?:go\s+)?longs?|longs\s+only|{NO_SHORTS})\b",
    "short": r"\b(?:short[\s-]*only|only\s+(?:go\s+)?shorts?|shorts\s+only|no\s+longs?)\b",
}
WORDS = {
    "long": frozenset({"buy", "buying", "long", "longs", "bullish", "dip", "dips"}),
    "short": frozenset({"short", "shorts", "shorting", "bearish"}),
}
# As verbs: `long the squeeze`, `fade the weekend pump`.
FADES = r"\bfad(?:e|es|ing)\s+(?:\S+\s+){0,2}?"
VERBS = {
    "long": rf"\blong(?=\s+(?:the|this|these)\b)|{FADES}(?:dumps?|crash(?:es)?|sell-?offs?)\b",
    "short": rf"\bshort(?=\s+(?:the|this|these)\b)|{FADES}(?:pumps?|rall(?:y|ies))\b",
}
LONG_THE_SQUEEZE = re.compile(r"\blong\s+(?:the|this|these)\s+(?=squeezes?\b)", re.IGNORECASE)
# Who fades breakouts trades those that fail; `volume breakout fade` says it the other way round.
FADE_BREAKOUTS = re.compile(
    r"\b(fad(?:e|es|ing))\b((?:\s+(?:the|a|\w+ing|range|session|channel)){0,3}\s+)(?=breakouts?\b)", re.I
)
BREAKOUT_FADE = re.compile(r"\b(?<=breakout )fade\b", re.I)
# `sell` may close a long or open a short, so it says nothing by itself.
NOT_A_SIDE = frozenset(
    {"term", "squeeze", "squeezes", "covering", "period", "average", "ema", "sma", "ma", "run", "liquidations"}
)


def read_sides(text: str, taken: Collection[Token]) -> tuple[str, str]:
    """`long`, `short` or nothing, and the words that say so."""
    for side, pattern in ONLY.items():
        if hit := re.search(pattern, text, re.IGNORECASE):
            return side, hit[0]
    verbs = {side: hit[0] for side, pattern in VERBS.items() if (hit := re.search(pattern, text, re.IGNORECASE))}
    starts = {token.start for token in taken}
    spoken: dict[str, str] = dict(verbs)
    tokens = tokenise(without_denied(text))
    for place, token in enumerate(tokens):
        following = tokens[place + 1].text if place + 1 < len(tokens) else ""
        free = token.start not in starts or token.text in {"buy", "dip", "dips", "bullish", "bearish"}
        for side, words in WORDS.items():
            if token.text in words and free and following not in NOT_A_SIDE:
                spoken.setdefault(side, token.text)
    return next(iter(spoken.items())) if len(spoken) == 1 else ("", "")


def as_meant(text: str) -> str:
    """`long the squeeze` is the squeeze of shorts, `fade breakouts` the fake ones. Every character keeps its place."""
    text = LONG_THE_SQUEEZE.sub(lambda hit: "short".ljust(len(hit[0])), text)
    text = FADE_BREAKOUTS.sub(lambda hit: "fake".ljust(len(hit[0])), text)
    return BREAKOUT_FADE.sub("fake", text)


def keep(specification: Specification, side: str, words: str) -> tuple[Specification, Piece | Unknown | None]:
    """The specification with that side alone, if it has it."""
    other = {"long": "short", "short": "long"}.get(side, "")
    if not other or getattr(specification, other) is None:
        return specification, None
    if getattr(specification, side) is None:
        return specification, Unknown(words, 0, 0, f"This kind of strategy has no {side} side, so it trades the other.")
    return specification.model_copy(update={other: None}), Piece(words, f"Only {side} positions")


def assumed(specification: Specification, side: str) -> Assumption | None:
    if side or specification.long is None or specification.short is None:
        return None
    return Assumption("Sides", "long and short", "The text names neither alone.")
