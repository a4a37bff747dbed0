"""Text as tokens of the grammar: phrases first, then what belongs together is made one."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

from backtests.rbi.grammar.channels import CHANNELS
from backtests.rbi.grammar.cutting import ACTIONS
from backtests.rbi.grammar.fusing import Token, fused
from backtests.rbi.grammar.notation import spelled
from backtests.rbi.grammar.typos import mended
from backtests.rbi.grammar.vocabulary import QUIET, Meaning, longest, meanings
from backtests.rbi.grammar.words import Word, words_of

SIGNS = {
    "(": "LPAR", ")": "RPAR", "[": "LSQB", "]": "RSQB", "+": "PLUS", "-": "MINUS", "*": "STAR", "/": "SLASH",
    ",": "COMMA", ".": "DOT", ";": "DOT", "\n": "DOT", "!": "DOT", "?": "DOT", "->": "COLON", ":": "COLON", "=": "EQ",
}  # fmt: skip
DECORATION = frozenset("\"'`_~|#•·‘{}@^<>…")
# Behind these an equals sign says nothing: `SL = 2%`.
ASSIGNED = ("STOP", "TARGET", "TRAIL", "RISK", "SIZE", "HOLD", "LENGTH", "BUY", "SELL", "SHORT", "EXIT", "ONLY")
CROSSES = {"GT": "CROSS_OVER", "LT": "CROSS_UNDER"}
LARGEST = 1e15
VALUES = ("NUMBER", "RPAR", "PRICE", "HL", "IND", "PCT", "RSQB")
# Before a unit of time they make a number one of so many in that time: `3 trades a day`, `one every week`.
RATES = ("a", "an", "every")


def tokens_of(text: str) -> list[Token]:
    """The tokens of a text. What nothing is known of is UNKNOWN."""
    words = mended(words_of(text))
    found: list[Token] = []
    place = 0
    while place < len(words):
        count, meaning = _longest_phrase(words, place)
        if _is_rate(found, words[place - 1 : place], meaning):
            found.append(Token("UNKNOWN", "per", words[place - 1].start, words[place + count - 1].end))
        elif meaning is None or meaning.type != QUIET:
            found += _token(words[place : place + count], meaning)
        place += count
    return spelled(fused(_bands(_in_order(found))))


def _is_rate(found: list[Token], before: list[Word], meaning: Meaning | None) -> bool:
    counted = bool(found) and found[-1].type == "NUMBER" and meaning is not None and meaning.type == "UNIT"
    return counted and any(word.text in RATES for word in before)


def _longest_phrase(words: list[Word], place: int) -> tuple[int, Meaning | None]:
    for count in range(min(longest(), len(words) - place), 0, -1):
        meaning = meanings().get(tuple(word.text for word in words[place : place + count]))
        if meaning:
            return count, meaning
    return 1, None


def _token(words: list[Word], meaning: Meaning | None) -> list[Token]:
    first, last = words[0], words[-1]
    made = Token("UNKNOWN", first.text, first.start, last.end, glued=first.glued)
    if meaning and meaning.type in ("NUMBER", "MULTIPLE"):
        return [replace(made, type={"NUMBER": "NUMBER"}.get(meaning.type, "MULT"), number=float(meaning.value))]
    if meaning:
        kind = "HL" if meaning.type == "PRICE" and meaning.value in ("high", "low") else meaning.type
        return [replace(made, type=kind, value=meaning.value, line=meaning.line)]
    if first.kind in ("number", "thousands"):
        number = float(first.text.replace(",", ""))
        return [replace(made, type="NUMBER" if number < LARGEST else "UNKNOWN", number=number)]
    if first.text in SIGNS:
        return [replace(made, type=SIGNS[first.text])]
    if _is_of_a_pattern(first):
        return []
    quiet = first.text in DECORATION or unicodedata.category(first.text[0])[0] in "SCMZ"
    return [] if quiet and first.kind != "word" else [made]


def _in_order(tokens: list[Token]) -> list[Token]:
    """Without the marks of lists, with commas in brackets and signs of numbers told from others."""
    found: list[Token] = []
    depth = 0
    for place, token in enumerate(tokens):
        depth += {"LPAR": 1, "RPAR": -1}.get(token.type, 0)
        following = tokens[place + 1 : place + 4]
        if _is_mark(found, token, following) or _says_nothing(found, token, following, depth):
            continue
        many = _thousands(found, token)
        if many:
            found[-1] = replace(found[-1], number=found[-1].number * many, end=token.end)
            continue
        if found and found[-1].type == "MINUS" and token.type == "NUMBER" and _is_negative(found, token):
            token = replace(token, number=-token.number, start=found.pop().start)
        if found and found[-1].type == "PLUS" and token.type == "NUMBER" and _is_positive(found, token, following):
            token = replace(token, start=found.pop().start)
        if found and _crosses(found[-1], token, following):
            token = replace(token, type=CROSSES[token.type], value="", start=found.pop().start)
        found.append(_in_place(token, following, depth))
    return found


def _thousands(before: list[Token], token: Token) -> float:
    """`10k`, and `$10m`, where an `m` is no minute; 0 for anything else."""
    if not token.glued or not before or before[-1].type != "NUMBER" or token.end - token.start > 1:
        return 0.0
    if token.type == "UNIT" and token.value == "minutes":
        return 1e6 if len(before) > 1 and before[-2].type == "USD" else 0.0
    return 1e3 if (token.type, token.value) == ("UNKNOWN", "k") else 0.0


def _crosses(before: Token, token: Token, following: list[Token]) -> bool:
    """`climbs over 70`, but not `climbs more than 5%`."""
    moves = (before.type, token.type) in (("RISES", "GT"), ("FALLS", "LT"))
    return moves and [other.type for other in following[:2]] != ["NUMBER", "PCT"] and not _is_time(following)


def _in_place(token: Token, following: list[Token], depth: int) -> Token:
    if depth > 0 and token.type in ("COMMA", "COLON", "SLASH"):
        return replace(token, type="ARG")
    if token.type == "GT" and token.value == "over" and _is_time(following):
        return replace(token, type="WITHIN")
    if token.type in ("EQ", "GE") and following and following[0].type in ACTIONS:
        return replace(token, type="COLON")
    return token


def _says_nothing(before: list[Token], token: Token, following: list[Token], depth: int) -> bool:
    """`of` and `to` where they do not lead to something, and the sign in `length = 14`."""
    if token.type == "OF":
        return not _is_source(before, following)
    if token.type == "UNTIL":
        return not token.value and not (before and before[-1].type in ("NUMBER", "CLOCK", "DAYS"))
    said = bool(before) and before[-1].type in ASSIGNED
    return token.type == "EQ" and (depth > 0 or said)


def _bands(tokens: list[Token]) -> list[Token]:
    """`upper band`: of the channel that was named last, else of Bollinger."""
    found: list[Token] = []
    channel = next((token.value for token in tokens if token.value in CHANNELS), "bollinger")
    for token in tokens:
        channel = token.value if token.type == "IND" and token.value in CHANNELS else channel
        found.append(replace(token, type="IND", value=channel, line=token.value) if token.type == "BAND" else token)
    return found


def _is_mark(before: list[Token], token: Token, following: list[Token]) -> bool:
    """A bullet, or the number of a list's item."""
    begins = not before or before[-1].type == "DOT"
    if not begins or not following:
        return False
    if token.type in ("STAR", "MINUS"):
        return not following[0].glued
    ends = following[0].type in ("DOT", "RPAR") and following[0].glued
    return token.type == "RPAR" or (token.type == "NUMBER" and ends)


def _is_source(before: list[Token], following: list[Token]) -> bool:
    """`the slope of the 50 EMA`: what an indicator is computed from. Elsewhere `of` says nothing."""
    kinds = [token.type for token in following] + ["", "", ""]
    if not before or before[-1].type not in ("IND", "RPAR", "NUMBER"):
        return False
    begins = kinds[0] in ("IND", "PRICE", "HL")
    counted = kinds[0] == "NUMBER" and "IND" in kinds[1:3] and before[-1].type != "NUMBER"
    return (
        (begins and before[-1].type != "NUMBER") or counted or (begins and len(before) > 1 and before[-2].type == "IND")
    )


def _is_time(following: list[Token]) -> bool:
    """`over 5 bars`, but not `over the 5-bar high`."""
    kinds = [token.type for token in following] + ["", "", ""]
    return kinds[:2] == ["NUMBER", "UNIT"] and kinds[2] not in ("HL", "IND", "EXTREME")


def _is_positive(before: list[Token], token: Token, following: list[Token]) -> bool:
    """`through +100`; the sign of `sell at +5%` is kept, since it says which way."""
    percent = bool(following) and following[0].type == "PCT"
    return token.glued and not percent and (len(before) < 2 or before[-2].type not in VALUES)


def _is_of_a_pattern(word: Word) -> bool:
    """`the hammer's low` is that of the bar."""
    meaning = meanings().get((word.text.removesuffix("'s"),)) if word.text.endswith("'s") else None
    return meaning is not None and meaning.type == "PATTERN"


def _is_negative(before: list[Token], token: Token) -> bool:
    minus = before[-1]
    return token.glued and (len(before) < 2 or before[-2].type not in VALUES or not minus.glued)
