"""Short forms that people write, as the tokens of the longer ones: `Stochastic 14,3,3:`, `= close`, `sell at +5%`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from backtests.rbi.grammar.cutting import ACTIONS, HEADS
from backtests.rbi.grammar.fusing import Token

ENDS = ("DOT", "COMMA", "COLON")
CROSSES = {"GT": "CROSS_OVER", "LT": "CROSS_UNDER"}
AVERAGES = ("ema", "sma")
CHANNELS = ("channel", "channels", "bands")
HAPPENINGS = (
    "CROSS", "CROSS_OVER", "CROSS_UNDER", "CROSSING", "CROSSING_DOWN", "TOUCHES", "TURN_UP", "TURN_DOWN", "TURNS",
    "PATTERN", "EVENT", "BREAKOUT", "BREAKDOWN", "BROKEN", "MAKES",
)  # fmt: skip
# So many bars go into the Keltner channel's range when that is not said.
USUAL_RANGE = 10.0

Form = Callable[[Sequence[Token], int], tuple[list[Token], int] | None]


def spelled(tokens: list[Token]) -> list[Token]:
    """Every short form in full."""
    found: list[Token] = []
    place = 0
    while place < len(tokens):
        written = next((done for form in FORMS if (done := form(tokens, place))), None)
        made, count = written or ([tokens[place]], 1)
        found += made
        place += count
    return _with_moved_numbers(found)


def _kinds(tokens: Sequence[Token], place: int, count: int) -> list[str]:
    return [token.type for token in tokens[place : place + count]]


def _type(tokens: Sequence[Token], place: int) -> str:
    """What stands there; beyond both ends a sentence ends."""
    return tokens[place].type if 0 <= place < len(tokens) else "DOT"


def _called_close(tokens: Sequence[Token], place: int) -> tuple[list[Token], int] | None:
    """`MFI over 85 = close`: what is to be done, not the price."""
    if _kinds(tokens, place, 2) not in (["EQ", "PRICE"], ["COLON", "PRICE"]) or tokens[place + 1].value != "close":
        return None
    if _type(tokens, place + 2) not in ENDS:
        return None
    return [replace(tokens[place], type="COLON"), replace(tokens[place + 1], type="EXIT", value="")], 2


def _dash(tokens: Sequence[Token], place: int) -> tuple[list[Token], int] | None:
    """`exit - trail the stop`: a dash between two statements."""
    if tokens[place].type == "MINUS" and not tokens[place].glued and _type(tokens, place + 1) in HEADS:
        return [replace(tokens[place], type="COMMA")], 1
    return None


def _gain_or_loss(tokens: Sequence[Token], place: int) -> tuple[list[Token], int] | None:
    """`sell at +5%` is a target, `bail if it loses 2%` a stop."""
    if tokens[place].type not in ("EXIT", "SELL"):
        return None
    after = place + 1
    while _type(tokens, after) in ("WHEN", "IT"):
        after += 1
    if _kinds(tokens, after, 2) == ["PLUS", "PERCENT"]:
        return [replace(tokens[place], type="TARGET", value=""), tokens[after + 1]], after + 2 - place
    loses = _type(tokens, after) == "CROSS_UNDER" and tokens[after].value == "loses"
    if loses and _type(tokens, after + 1) == "PERCENT":
        return [replace(tokens[place], type="STOP", value=""), tokens[after + 1]], after + 2 - place
    if _type(tokens, after) == "PERCENT" and tokens[after].number < 0:
        loss = replace(tokens[after], number=-tokens[after].number)
        return [replace(tokens[place], type="STOP", value=""), loss], after + 1 - place
    return None


def _length(tokens: Sequence[Token], place: int) -> tuple[list[Token], int] | None:
    """`ADX length 14` and `length 10`, where nothing else is said: the numbers of an indicator."""
    if _type(tokens, place - 1) not in ENDS:
        return None
    count = 3 if tokens[place].type == "IND" else 2
    kinds = _kinds(tokens, place, count)
    if kinds not in (["IND", "LENGTH", "NUMBER"], ["IND", "UNIT", "NUMBER"], ["LENGTH", "NUMBER"]):
        return None
    if _type(tokens, place + count) not in ENDS:
        return None
    said = [token for token in tokens[place : place + count] if token.type != "UNIT"]
    return [replace(tokens[place], type="SETTING", value=""), *said], count


def _listed(tokens: Sequence[Token], place: int) -> tuple[list[Token], int] | None:
    """`Stochastic 14,3,3: …`: its numbers, before the rules."""
    if tokens[place].type != "IND" or _type(tokens, place - 1) != "DOT":
        return None
    after = place + 1
    while _type(tokens, after) in ("NUMBER", "COMMA", "SLASH") and after - place < 8:
        after += 1
    if _type(tokens, after) != "COLON" or _type(tokens, place + 1) != "NUMBER":
        return None
    numbers = [token for token in tokens[place + 1 : after] if token.type == "NUMBER"]
    return _setting(tokens[place], tokens[place], numbers), after + 1 - place


def _channel(tokens: Sequence[Token], place: int) -> tuple[list[Token], int] | None:
    """`Channel = EMA 20 with 1.5 ATR(10)`: what a Keltner channel is made of."""
    first = tokens[place]
    named = (first.type, first.value) == ("IND", "keltner") or (first.type == "UNKNOWN" and first.value in CHANNELS)
    body = _kinds(tokens, place + 1, 6)
    whole = ["EQ", "IND", "NUMBER", "AND", "NUMBER", "IND"]
    if not named or body not in (whole, [*whole[:4], "MULT", "IND"]):
        return None
    average, length, _, width, ranges = tokens[place + 2 : place + 7]
    if average.value not in AVERAGES or ranges.value != "atr" or not any(one.value == "keltner" for one in tokens):
        return None
    bracket = _kinds(tokens, place + 7, 3) == ["LPAR", "NUMBER", "RPAR"]
    span = tokens[place + 8] if bracket else replace(width, number=USUAL_RANGE)
    made = _setting(first, replace(first, type="IND", value="keltner", line=""), [length, span, width])
    return made, 10 if bracket else 7


def _setting(at: Token, indicator: Token, numbers: Sequence[Token]) -> list[Token]:
    """A statement that only gives an indicator its numbers."""
    made = [replace(at, type="SETTING", value=""), indicator, replace(numbers[0], type="LPAR")]
    for count, number in enumerate(numbers):
        made += [replace(number, type="ARG")] if count else []
        made.append(replace(number, type="NUMBER"))
    return [*made, replace(numbers[-1], type="RPAR"), replace(numbers[-1], type="DOT")]


def _next_open(tokens: Sequence[Token], place: int) -> tuple[list[Token], int] | None:
    """`buy the next open` is when orders are filled; `the next bar closes above` is a condition and stays."""
    acted = _type(tokens, place - 1) in (*ACTIONS, "AND", "COMMA") and _type(tokens, place - 2) != "WHEN"
    at_end = _type(tokens, place + 1) in ENDS
    return ([], 1) if tokens[place].type == "NEXT_OPEN" and acted and at_end else None


def _closes_again(tokens: Sequence[Token], place: int) -> tuple[list[Token], int] | None:
    """`sell when it closes below`: what it closed above before."""
    token = tokens[place]
    if token.type not in CROSSES or token.value != "closes" or _type(tokens, place + 1) not in ENDS:
        return None
    return [replace(token, type=CROSSES[token.type], value="")], 1


def _wait(tokens: Sequence[Token], place: int) -> tuple[list[Token], int] | None:
    """`when RSI crosses 30 wait for …`: what happens at one bar is over at the next, so that this is a sequence."""
    if (tokens[place].type, tokens[place].value) != ("AND", "wait"):
        return None
    begin = max((at for at in range(place) if tokens[at].type == "DOT"), default=-1)
    happens = any(token.type in HAPPENINGS for token in tokens[begin + 1 : place])
    return ([replace(tokens[place], type="AND_THEN")], 1) if happens else None


def _same(tokens: Sequence[Token], place: int) -> tuple[list[Token], int] | None:
    """`with the same ADX filter`: the condition that was said of it before."""
    if _kinds(tokens, place, 2) != ["SAME", "IND"]:
        return None
    glue = [] if _type(tokens, place - 1) in ("AND", "COMMA") else [replace(tokens[place], type="AND", value="")]
    return [*glue, *tokens[place : place + 2]], 3 if _type(tokens, place + 2) == "ONLY" else 2


def _told_again(tokens: Sequence[Token], place: int) -> tuple[list[Token], int] | None:
    """`mirrored for shorts (3% above)`: the brackets say what the reverse of `3% below` is."""
    if _kinds(tokens, place, 4) != ["MIRROR", "LPAR", "AWAY", "RPAR"]:
        return None
    reverse = [token for token in tokens[:place] if token.type == "AWAY" and token.number == -tokens[place + 2].number]
    return (list(tokens[place : place + 1]), 4) if reverse else None


FORMS: tuple[Form, ...] = (
    _wait,
    _closes_again,
    _next_open,
    _called_close,
    _dash,
    _gain_or_loss,
    _length,
    _listed,
    _channel,
    _same,
    _told_again,
)


def _with_moved_numbers(tokens: list[Token]) -> list[Token]:
    """`PSAR flips below price (0.02, 0.2)`: a price takes no numbers, so they are the indicator's before it."""
    for place, token in enumerate(tokens):
        end = next((at for at in range(place, min(place + 8, len(tokens))) if tokens[at].type == "RPAR"), 0)
        if token.type != "LPAR" or not end or _type(tokens, place - 1) != "PRICE":
            continue
        inside = {other.type for other in tokens[place + 1 : end]}
        owner = place - 3
        if inside <= {"NUMBER", "ARG"} and "NUMBER" in inside and _type(tokens, owner) == "IND":
            rest = [*tokens[owner + 1 : place], *tokens[end + 1 :]]
            return [*tokens[: owner + 1], *tokens[place : end + 1], *rest]
    return tokens
