"""Whether a text states rules: then they run as they are stated, or nothing does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from backtests.rbi.grammar.fusing import Token
from backtests.rbi.grammar.tokens import tokens_of
from backtests.rbi.interpretation.shapes import Draft
from backtests.rbi.interpretation.unknowns import NUMBER

# A sentence is searched for rules, a page is not.
LONGEST = 800
OPENS = ("BUY", "SHORT")
ACTIONS = (*OPENS, "SELL", "EXIT", "FLIP", "REVERSES")
# What is said of a value, and what makes it exact: `above 30`, `crosses the 20 EMA`.
COMPARES = (
    "GT", "LT", "GE", "LE", "CROSS_OVER", "CROSS_UNDER", "CROSS", "TOUCHES", "BETWEEN", "TURNS", "RISES", "FALLS",
    "EQ", "MAKES", "MULT", "OUTSIDE",
)  # fmt: skip
VALUES = ("NUMBER", "PERCENT", "MONEY", "MULT", "IND", "SPAN", "EXTREME", "PAIR", "PREVIOUS", "AWAY", "ITS")
PRICES = ("PRICE", "HL", "CLOUD")
MOVES = ("NUMBER", "PERCENT", "MONEY", "FOR")
# The usual level is meant: exact beside an action, and the name of an idea elsewhere.
USUAL = ("OVERSOLD", "OVERBOUGHT")
NUMBERS = ("NUMBER", "PERCENT", "MONEY", "MULT", "SPAN", "PAIR")
# What is said of an indicator and needs no number: `MACD turns up`.
STATES = (
    "CROSS", "CROSSING", "CROSSING_DOWN", "TURNS", "TURN_UP", "TURN_DOWN", "CROSS_OVER", "CROSS_UNDER", "POSITIVE",
    "NEGATIVE", "BULLISH", "BEARISH", "RISES", "FALLS", *USUAL,
)  # fmt: skip
SUBJECTS = ("IND", "PAIR", "RPAR", "NUMBER", "UNIT")
COUNTED = ("RED", "GREEN", "BETTER", "WORSE", "BEARISH", "BULLISH")
ORDINALS = ("first", "second", "third", "fourth", "fifth", "rd", "nd", "st", "th")
# Exact by themselves.
SEEN = ("AWAY", "PATTERN", "EVENT", "DAYS", "TIME", "HOURS")
# What may stand between an action and its condition: `buy 1 unit on a hammer`.
BEHIND = ("IND", "PRICE", "IT", "AFTER", "COLON", "EQ", "UNITS", "MONEY", "PATTERN", "EVENT", "SPAN", "PAIR", "NUMBER")
ARROWS = ("COLON", "EQ", "COMMA")
# A value stands close to what is said of it.
NEAR = 3
ENDS = ("DOT", "COMMA")
DISTANT = ("STOP", "TARGET", "RISES", "FALLS")


def states_rules(text: str) -> bool:
    """An action with a condition that is exact: no blueprint may take the place of that."""
    sentences = list(_sentences(text[:LONGEST]))
    if any(_exact(sentence) and _is_linked(sentence) for sentence in sentences):
        return True
    said = {token.type for sentence in sentences for token in sentence}
    # Two exact conditions are rules whatever is done with them: by a verb that is not known, in another sentence.
    count = sum(_is_exact(sentence, place) for sentence in sentences for place, _ in _sure(sentence))
    return count > 1 and bool(said & {"WHEN", *ACTIONS}) and "ONLY" not in said


def leaves_out_a_rule(text: str, draft: Draft) -> bool:
    """A threshold of the text that the blueprint does not take: `liquidations > $10m then buy`."""
    if draft.path != "blueprint":
        return False
    dropped = {one.start for one in draft.not_understood if one.hint == NUMBER}
    return any(
        (_is_threshold(sentence, place) or _is_length(sentence, place) or _is_distance(sentence, place))
        and any(token.start <= start < token.end for start in dropped)
        for sentence in _sentences(text[:LONGEST])
        for place, token in enumerate(sentence)
    )


def _sentences(text: str) -> Iterator[list[Token]]:
    """The tokens of each sentence; `buy when` is an action and a `when`."""
    found: list[Token] = []
    tokens = tokens_of(text)
    for place, token in enumerate(tokens):
        if token.type == "NUMBER" and text[token.start].isalpha() and not _counts(tokens, place):
            # `two averages cross` names no number that a rule could hold.
            token = replace(token, type="UNKNOWN")
        if token.type == "DOT":
            yield found
            found = []
            continue
        # `long and short on the 20/50 cross` opens both sides.
        found.append(replace(token, type="BUY") if (token.type, token.value) == ("MIRROR", "both") else token)
        if token.type in ACTIONS and text[token.start : token.end].lower().endswith((" when", " if")):
            found.append(replace(token, type="WHEN"))
    yield found


def _counts(tokens: Sequence[Token], place: int) -> bool:
    return place + 1 < len(tokens) and tokens[place + 1].type in COUNTED


def _exact(sentence: Sequence[Token]) -> bool:
    kinds = [token.type for token in sentence]
    if "WHEN" in kinds and set(kinds[kinds.index("WHEN") :]) & {*NUMBERS, "PAST"}:
        return True
    return any(_is_exact(sentence, place) for place in range(len(sentence)))


def _sure(sentence: Sequence[Token]) -> Iterator[tuple[int, Token]]:
    return ((place, token) for place, token in enumerate(sentence) if token.type not in USUAL)


def _is_exact(sentence: Sequence[Token], place: int) -> bool:
    kind = sentence[place].type
    before = [other.type for other in sentence[max(0, place - NEAR) : place]]
    ordinal = bool(before) and sentence[place - 1].value in ORDINALS
    if kind in COUNTED and (before[-1:] in (["NUMBER"], ["SPAN"]) or ordinal):
        return True
    if kind in STATES and set(before) & set(SUBJECTS):
        return True
    if kind == "CROSS" and "IT" in before:
        return True
    if kind in ("BREAKOUT", "BREAKDOWN"):
        return before[-1:] == ["SPAN"]
    if kind in ACTIONS:
        return _is_price(sentence, place)
    return kind in SEEN or (kind in COMPARES and _has_value(sentence, place))


def _is_price(sentence: Sequence[Token], place: int) -> bool:
    """`enter at 30250`, `buy at the 20 day low`, but not `buy 200 EMA bounces`."""
    kinds = [token.type for token in sentence[place + 1 : place + 4]] + ["COMMA", "COMMA"]
    if kinds[0] == "SPAN" and kinds[1] == "HL":
        return kinds[2] in (*ENDS, *ACTIONS, "AND", "STOP", "TARGET")
    return kinds[0] == "NUMBER" and kinds[1] in (*ENDS, "AND", "STOP", "TARGET")


def _has_value(sentence: Sequence[Token], place: int) -> bool:
    kind = sentence[place].type
    priced = kind in ("GT", "LT", "CROSS_OVER", "CROSS_UNDER")
    values: tuple[str, ...] = (*VALUES, *PRICES) if priced else VALUES
    # `in an uptrend on 4h` speaks of the data; `rises for 3 bars` does not.
    values = MOVES if kind in ("RISES", "FALLS") else values
    for other in sentence[place + 1 : place + 1 + NEAR]:
        if other.type in ENDS or other.type in ACTIONS:
            return False
        if other.type in values:
            return True
    return False


def _is_linked(sentence: Sequence[Token]) -> bool:
    """Whether an action and a condition belong together: by `when`, an arrow, a comma, or where they stand.

    `only take longs above …` asks for something beside the action.
    """
    kinds = [token.type for token in sentence]
    places = [place for place, kind in enumerate(kinds) if kind in ACTIONS and kinds[place - 1 : place] != ["ONLY"]]
    if not places:
        return False
    if any(_is_price(sentence, place) for place in places):
        return True
    told = [place for place in places if kinds[place + 1 : place + 2] not in (["AFTER"], ["SPAN"])]
    follows = "AFTER" in kinds[places[0] :] and kinds[places[0]] in OPENS
    return "WHEN" in kinds or follows or len(told) > 1 or _stands_by(kinds, places[0])


def _stands_by(kinds: Sequence[str], place: int) -> bool:
    before, after = kinds[place - 1] if place else "", "".join(kinds[place + 1 : place + 2])
    if any(kind in COUNTED for kind in kinds[place + 1 : place + 1 + NEAR]):
        return True
    return before in ARROWS or after in BEHIND or (before in SUBJECTS and place > 1)


def _is_length(sentence: Sequence[Token], place: int) -> bool:
    """`EMA 21`, `the 21 EMA`, `over the last 7 days`: a length that somebody wants, and not the chart."""
    token = sentence[place]
    beside = {other.type for other in (*sentence[max(0, place - 1) : place], *sentence[place + 1 : place + 2])}
    if token.type == "SPAN":
        return bool(beside & {"IND", "WITHIN", "FOR"})
    return token.type == "PAIR" or (token.type == "NUMBER" and bool(beside & {"IND", "EVENT"}))


def _is_distance(sentence: Sequence[Token], place: int) -> bool:
    """`5% below the high`, `every 2% drop`, `sell at +3%`, `2N stop`: how far away something is, or how far it goes."""
    token = sentence[place]
    beside = {other.type for other in (*sentence[max(0, place - 1) : place], *sentence[place + 1 : place + NEAR])}
    return token.type == "AWAY" or (token.type in ("NUMBER", "PERCENT", "MULT") and bool(beside & set(DISTANT)))


def _is_threshold(sentence: Sequence[Token], place: int) -> bool:
    if sentence[place].type not in ("NUMBER", "PERCENT", "MONEY", "MULT", "SPAN"):
        return False
    before = sentence[max(0, place - 2) : place]
    return any(other.type in COMPARES and other.type not in ("MAKES", "MULT", "EQ") for other in before)
