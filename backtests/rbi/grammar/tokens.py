"""Text as tokens of the grammar: phrases first, then what belongs together is made one."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from backtests.rbi.grammar.vocabulary import QUIET, Meaning, longest, meanings
from backtests.rbi.grammar.words import Word, words_of

SIGNS = {
    "(": "LPAR", ")": "RPAR", "[": "LSQB", "]": "RSQB", "+": "PLUS", "-": "MINUS", "*": "STAR", "/": "SLASH",
    ",": "COMMA", ".": "DOT", ";": "DOT", "\n": "DOT", "!": "DOT", "?": "DOT", "->": "COLON", ":": "COLON", "=": "EQ",
}  # fmt: skip
DECORATION = frozenset("\"'`_~|#•·‘{}@^<>…")
CHANNELS = ("bollinger", "keltner", "donchian")
VALUES = ("NUMBER", "RPAR", "PRICE", "HL", "IND", "PCT", "RSQB")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the grammar with its place in the text."""

    type: str
    value: str
    start: int
    end: int
    line: str = ""
    number: float = 0.0
    glued: bool = False


def tokens_of(text: str) -> list[Token]:
    """The tokens of a text. What nothing is known of is UNKNOWN."""
    words = words_of(text)
    found: list[Token] = []
    place = 0
    while place < len(words):
        count, meaning = _longest_phrase(words, place)
        if meaning is None or meaning.type != QUIET:
            found += _token(words[place : place + count], meaning)
        place += count
    return fused(_bands(_in_order(found)))


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
        return [replace(made, type="NUMBER", number=float(first.text.replace(",", "")))]
    if first.text in SIGNS:
        return [replace(made, type=SIGNS[first.text])]
    quiet = first.text in DECORATION or unicodedata.category(first.text[0])[0] in "SCMZ"
    return [] if quiet and first.kind != "word" else [made]


def _in_order(tokens: list[Token]) -> list[Token]:
    """Without the marks of lists, with commas in brackets and signs of numbers told from others."""
    found: list[Token] = []
    depth = 0
    for place, token in enumerate(tokens):
        depth += {"LPAR": 1, "RPAR": -1}.get(token.type, 0)
        following = tokens[place + 1] if place + 1 < len(tokens) else None
        if _is_mark(found, token, following):
            continue
        if depth > 0 and token.type in ("COMMA", "EQ", "COLON", "SLASH"):
            token = replace(token, type="ARG" if token.type != "EQ" else "SAME")
        if found and found[-1].type == "MINUS" and token.type == "NUMBER" and _is_negative(found, token):
            token = replace(token, number=-token.number, start=found.pop().start)
        if token.type == "OF" and not _is_source(found, tokens[place + 1 : place + 4]):
            continue
        if token.type == "GT" and token.value == "over" and _is_time(tokens[place + 1 : place + 4]):
            token = replace(token, type="WITHIN")
        if (
            token.type == "UNTIL"
            and token.value == ""
            and not (found and found[-1].type in ("NUMBER", "CLOCK", "DAYS"))
        ):
            continue
        found += [token] if token.type != "SAME" else []
    return found


def _bands(tokens: list[Token]) -> list[Token]:
    """`upper band`: of the channel that was named last, else of Bollinger."""
    found: list[Token] = []
    channel = next((token.value for token in tokens if token.value in CHANNELS), "bollinger")
    for token in tokens:
        channel = token.value if token.type == "IND" and token.value in CHANNELS else channel
        found.append(replace(token, type="IND", value=channel, line=token.value) if token.type == "BAND" else token)
    return found


def _is_mark(before: list[Token], token: Token, following: Token | None) -> bool:
    """A bullet, or the number of a list's item."""
    begins = not before or before[-1].type == "DOT"
    if not begins or following is None:
        return False
    if token.type in ("STAR", "MINUS"):
        return not following.glued
    return token.type == "RPAR" or (token.type == "NUMBER" and following.type in ("DOT", "RPAR") and following.glued)


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


def _is_negative(before: list[Token], token: Token) -> bool:
    minus = before[-1]
    return token.glued and (len(before) < 2 or before[-2].type not in VALUES or not minus.glued)


Make = Callable[[Sequence[Token]], Token]
Fusion = tuple[tuple[str, ...], Make]


def _to(kind: str, *, number: int = 0, value: int | None = None) -> Make:
    """A token of this type with the number, and the value, of those at these places."""

    def make(parts: Sequence[Token]) -> Token:
        shown = parts[value].value if value is not None else parts[0].value
        return replace(parts[0], type=kind, number=parts[number].number, value=shown, end=parts[-1].end)

    return make


def _away(parts: Sequence[Token]) -> Token:
    """`3% above`: the number is signed, the value says whether it is crossed or compared."""
    *_, amount, side = parts
    way = 1 if side.type in ("GT", "GE", "CROSS_OVER") else -1
    moves = side.type.startswith("CROSS") or parts[0].type in ("RISES", "FALLS")
    return replace(parts[0], type="AWAY", number=way * amount.number, value="cross" if moves else "", end=side.end)


def _ratio(parts: Sequence[Token]) -> Token:
    numbers = [part.number for part in parts if part.type in ("NUMBER", "RMULT")]
    most, least = max(numbers), min(numbers) if len(numbers) > 1 else 1.0
    return replace(parts[0], type="RMULT", number=most / least if least > 0 else most, end=parts[-1].end)


def _clock(parts: Sequence[Token]) -> Token:
    """An hour of the day; one with minutes is not known, since the specification counts hours."""
    hour = parts[0].number
    if len(parts) == 3 and parts[2].number:
        return replace(parts[0], type="UNKNOWN", value="minutes of the hour", end=parts[-1].end)
    if parts[-1].type == "CLOCK":
        hour = hour % 12 + (12 if parts[-1].value == "pm" else 0)
    kind = "TIME" if 0 <= hour <= 24 and hour == int(hour) else "UNKNOWN"
    return replace(parts[0], type=kind, number=hour % 24, end=parts[-1].end)


def _hours(parts: Sequence[Token]) -> Token:
    """From an hour up to another one, which does not belong to it."""
    first, last = (part.number for part in parts if part.type in ("TIME", "NUMBER"))
    right = all(0 <= hour <= 24 and hour == int(hour) for hour in (first, last))
    value = f"{int(first) % 24} {int(last - 1) % 24}"
    return replace(parts[0], type="HOURS" if right else "UNKNOWN", value=value, end=parts[-1].end)


def _since(parts: Sequence[Token]) -> Token:
    hour = int(parts[-1].number)
    value = f"0 {(hour - 1) % 24}" if parts[0].type in ("AGO", "LT") else f"{hour} 23"
    return replace(parts[0], type="HOURS", value=value, end=parts[-1].end)


def _days(parts: Sequence[Token]) -> Token:
    first, last = ([int(day) for day in part.value.split()] for part in (parts[0], parts[-1]))
    runs = parts[1].type in ("UNTIL", "MINUS") and first[0] <= last[0]
    days = range(first[0], last[0] + 1) if runs else {*first, *last}
    return replace(parts[0], value=" ".join(str(day) for day in sorted(days)), end=parts[-1].end)


def _pair(parts: Sequence[Token]) -> Token:
    """Two averages of one kind: `20/50 EMA`."""
    first, last = (part.number for part in parts if part.type == "NUMBER")
    kind = next(part for part in parts if part.type == "IND")
    return replace(parts[0], type="PAIR", value=kind.value, line=f"{first:g} {last:g}", end=parts[-1].end)


SIDES = ("GT", "GE", "LT", "LE", "CROSS_OVER", "CROSS_UNDER")
STAGES: tuple[tuple[Fusion, ...], ...] = (
    (
        (("NUMBER", "COLON", "NUMBER", "RATIO"), _ratio),
        (("RATIO", "NUMBER", "COLON", "NUMBER"), _ratio),
        (("NUMBER", "COLON", "NUMBER", "R"), _ratio),
        (("NUMBER", "COLON", "NUMBER", "CLOCK"), _clock),
        (("NUMBER", "COLON", "NUMBER"), _clock),
        (("NUMBER", "CLOCK"), _clock),
        (("NUMBER", "PCT"), _to("PERCENT")),
        (("NUMBER", "TIMES"), _to("MULT")),
        (("NUMBER", "R"), _to("RMULT")),
        (("MULT", "RISK"), _to("RMULT")),
        (("USD", "NUMBER"), _to("MONEY", number=1)),
        (("NUMBER", "USD"), _to("MONEY")),
        (("NUMBER", "POINTS"), _to("MONEY")),
        (("NUMBER", "ASSET"), _to("UNITS")),
        (("LAST", "NUMBER", "UNIT"), _to("SPAN", number=1, value=2)),
        (("PREVIOUS", "NUMBER", "UNIT"), _to("SPAN", number=1, value=2)),
        (("NUMBER", "LAST", "UNIT"), _to("SPAN", value=2)),
        (("NUMBER", "UNIT"), _to("SPAN", value=1)),
        (("NOT", "GT"), _to("LE")),
        (("NOT", "LT"), _to("GE")),
        (("NOT", "GE"), _to("LT")),
        (("NOT", "LE"), _to("GT")),
        (("PRICE", "PRICE"), lambda parts: parts[1]),
        (("PRICE", "HL"), lambda parts: parts[1]),
        (("ASSET", "PRICE"), lambda parts: parts[1]),
        (("ASSET", "ASSET"), lambda parts: parts[1]),
    ),
    (
        (("RATIO", "RMULT"), _ratio),
        (("RATIO", "NUMBER"), _ratio),
        (("RMULT", "RATIO"), _ratio),
        (("MULT", "RISK"), _to("RMULT")),
        (("SPAN", "AGO"), _to("AGO")),
        (("MONEY", "ASSET"), _to("MONEY")),
        (("TIMES", "NUMBER"), _to("STAR")),
        *((("BETWEEN", one, "AND", "TIME"), _hours) for one in ("TIME", "NUMBER")),
        *((("FROM", one, "UNTIL", two), _hours) for one in ("TIME", "NUMBER") for two in ("TIME", "NUMBER")),
        *((("FROM", one, "MINUS", two), _hours) for one in ("TIME", "NUMBER") for two in ("TIME", "NUMBER")),
        *((("TIME", word, "TIME"), _hours) for word in ("UNTIL", "MINUS")),
        *((("NUMBER", word, "TIME"), _hours) for word in ("UNTIL", "MINUS")),
        *(((word, "TIME"), _since) for word in ("AFTER", "AGO", "GT", "LT")),
        *((("DAYS", word, "DAYS"), _days) for word in ("AND", "OR", "UNTIL", "MINUS", "COMMA", "SLASH")),
        *(((more, "PERCENT", side), _away) for more in ("GT", "GE", "RISES", "FALLS") for side in SIDES),
        *((("PERCENT", side), _away) for side in SIDES),
        *((("NUMBER", word, "NUMBER", "IND"), _pair) for word in ("SLASH", "AND", "COMMA")),
        *((("IND", "NUMBER", word, "NUMBER"), _pair) for word in ("SLASH",)),
        (("IND", "LPAR", "NUMBER", "ARG", "NUMBER", "RPAR"), _pair),
    ),
    (*((("DAYS", word, "DAYS"), _days) for word in ("AND", "OR", "COMMA")),),
)


def fused(tokens: list[Token]) -> list[Token]:
    """Numbers joined with their units, and what else two tokens say together."""
    for stage in STAGES:
        tokens = _fused(tokens, stage)
    return tokens


def _fused(tokens: list[Token], stage: tuple[Fusion, ...]) -> list[Token]:
    found: list[Token] = []
    place = 0
    while place < len(tokens):
        for pattern, make in stage:
            parts = tokens[place : place + len(pattern)]
            if tuple(part.type for part in parts) == pattern and _allowed(parts):
                found.append(make(parts))
                break
        else:
            parts = tokens[place : place + 1]
            found += parts
        place += len(parts)
    return found


def _allowed(parts: list[Token]) -> bool:
    """A pair is one of averages; other indicators take two numbers of their own."""
    kinds = [part for part in parts if part.type == "IND"]
    return not kinds or kinds[0].value in AVERAGES


AVERAGES = frozenset({"sma", "ema", "wma", "hma", "dema", "tema", "kama", "vwma"})
