"""Names that people put before their rules: `Turtle: buy a 20-day breakout`."""

from __future__ import annotations

from backtests.rbi.grammar.cutting import HEADS
from backtests.rbi.grammar.fusing import Token
from backtests.rbi.grammar.hints import KNOWN

LONGEST = 5
# What can stand in a name without being a rule of its own.
NAMING = ("UNKNOWN", "IND", "PRICE", "HL", "ASSET")


def without_titles(tokens: list[Token]) -> list[Token]:
    """The tokens without what stands before a colon at the start of a line, if a rule follows and it is none itself."""
    found: list[Token] = []
    line: list[Token] = []
    for place, token in enumerate(tokens):
        if token.value == ":" and _is_rule(tokens[place + 1 : place + 3]) and _is_title(line):
            line = []
            continue
        line.append(token)
        if token.type == "DOT":
            found, line = [*found, *line], []
    return [*found, *line]


def _is_rule(following: list[Token]) -> bool:
    """A head with something behind it; `RSI: buy` alone is none."""
    kinds = [token.type for token in following]
    return len(kinds) == 2 and kinds[0] in (*HEADS, "WHEN") and kinds[1] not in ("DOT", "COMMA", *HEADS)


def _is_title(line: list[Token]) -> bool:
    kinds = [token.type for token in line]
    named = all(kind in NAMING for kind in kinds) and not any(token.value in KNOWN for token in line)
    return 0 < len(line) <= LONGEST and named
