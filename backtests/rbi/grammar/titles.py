"""Names that people put before their rules: `Turtle: buy a 20-day breakout`."""

from __future__ import annotations

from backtests.rbi.grammar.cutting import HEADS
from backtests.rbi.grammar.fusing import Token
from backtests.rbi.grammar.hints import KNOWN

LONGEST = 5
# What can stand in a name without being a rule of its own.
NAMING = ("UNKNOWN", "IND", "PRICE", "HL", "ASSET", "IT")
# What a condition begins with.
CONDITIONS = ("IND", "PRICE", "NUMBER", "SPAN", "PATTERN", "PAIR")


# They take back what follows them.
DENYING = ("ignore", "forget", "exclude", "excluding", "without", "against", "opposite", "stop")
# Words of a name that are written small.
STYLES = frozenset({"style", "play", "method", "approach", "template", "special", "classic"})


def name_in(tokens: list[Token], text: str) -> int:
    """How many tokens the first sentence has, if it is a name and no rule: `RSI2 Connors thing. Buy when …`.

    0 for none. Words that nothing is known of are a name only when they begin with a capital, and there is a rule to
    buy or to go short after it.
    """
    end = next((place for place, token in enumerate(tokens) if token.type == "DOT"), 0)
    line = tokens[:end]
    rules = any(token.type in ("BUY", "SHORT") for token in tokens[end:])
    if not rules or not 0 < end <= LONGEST or not {"IND", "BREAKOUT"} & {token.type for token in line}:
        return 0
    return end if all(_names(line, place, text) for place in range(end)) else 0


def _names(line: list[Token], place: int, text: str) -> bool:
    token = line[place]
    if token.type == "UNKNOWN":
        return token.value not in KNOWN and (text[token.start].isupper() or token.value in STYLES)
    numbered = token.type == "NUMBER" and place > 0 and line[place - 1].type == "IND"
    return numbered or token.type in ("IND", "BREAKOUT", "ASSET")


def without_titles(tokens: list[Token]) -> list[Token]:
    """The tokens without what stands before a colon at the start of a line, if a rule follows and it is none itself."""
    found: list[Token] = []
    line: list[Token] = []
    for place, token in enumerate(tokens):
        if token.value == ":" and _is_title(line) and _begins_rule(tokens[place + 1 :], line):
            line = []
            continue
        line.append(token)
        if token.type == "DOT":
            found, line = [*found, *line], []
    return [*found, *line]


def _begins_rule(following: list[Token], line: list[Token]) -> bool:
    """A head, or for a name of unknown words a condition with what to do behind it: `fade it: price is …, buy`."""
    if _is_rule(following[:2]):
        return not any(token.type == "IT" for token in line)
    end = next((place for place, token in enumerate(following) if token.type == "DOT"), len(following))
    acts = any(token.type in ("BUY", "SHORT") for token in following[:end])
    return line[0].type == "UNKNOWN" and acts and following[0].type in CONDITIONS


def _is_rule(following: list[Token]) -> bool:
    """A head with something behind it; `RSI: buy` alone is none."""
    kinds = [token.type for token in following]
    return len(kinds) == 2 and kinds[0] in (*HEADS, "WHEN") and kinds[1] not in ("DOT", "COMMA", *HEADS)


def _is_title(line: list[Token]) -> bool:
    kinds = [token.type for token in line]
    named = all(kind in NAMING for kind in kinds) and not any(token.value in (*KNOWN, *DENYING) for token in line)
    return 0 < len(line) <= LONGEST and named
