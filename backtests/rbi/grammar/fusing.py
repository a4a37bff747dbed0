"""Numbers joined with their units, and what else some tokens say together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace


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


def _near(parts: Sequence[Token]) -> Token:
    """`less than 5% below`: on that side, and no further away."""
    way = 1 if parts[-1].type in ("GT", "GE") else -1
    return replace(parts[0], type="NEAR", number=way * parts[1].number, end=parts[-1].end)


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
        (("R", "NUMBER", "COLON", "NUMBER"), _ratio),
        (("R", "NUMBER"), _ratio),
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
        (("RISES", "CROSS_OVER"), _to("CROSS_OVER", value=1)),
        (("FALLS", "CROSS_UNDER"), _to("CROSS_UNDER", value=1)),
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
        *(((less, "PERCENT", side), _near) for less in ("LT", "LE") for side in SIDES[:4]),
        *((("PERCENT", side), _away) for side in SIDES),
        *((("NUMBER", word, "NUMBER", "IND"), _pair) for word in ("SLASH", "AND", "COMMA")),
        *((("IND", "NUMBER", word, "NUMBER"), _pair) for word in ("SLASH",)),
        (("IND", "LPAR", "NUMBER", "ARG", "NUMBER", "RPAR"), _pair),
    ),
    (*((("DAYS", word, "DAYS"), _days) for word in ("AND", "OR", "COMMA")),),
)


def _by_first(stage: Sequence[Fusion]) -> dict[str, list[Fusion]]:
    """The fusions by the type of their first token: most tokens begin none."""
    found: dict[str, list[Fusion]] = {}
    for pattern, make in stage:
        found.setdefault(pattern[0], []).append((pattern, make))
    return found


BY_FIRST = tuple(map(_by_first, STAGES))


def fused(tokens: list[Token]) -> list[Token]:
    """Numbers joined with their units, and what else two tokens say together."""
    for stage in BY_FIRST:
        tokens = _fused(tokens, stage)
    return tokens


def _fused(tokens: list[Token], stage: Mapping[str, Sequence[Fusion]]) -> list[Token]:
    found: list[Token] = []
    place = 0
    while place < len(tokens):
        for pattern, make in stage.get(tokens[place].type, ()):
            parts = tokens[place : place + len(pattern)]
            if tuple(part.type for part in parts) == pattern and _allowed(parts, tokens, place):
                found.append(make(parts))
                break
        else:
            parts = tokens[place : place + 1]
            found += parts
        place += len(parts)
    return found


def _allowed(parts: list[Token], tokens: list[Token], place: int) -> bool:
    """A pair is one of averages, and not a level with the next condition behind it: `RSI > 50 and 20 EMA rising`."""
    kinds = [part for part in parts if part.type == "IND"]
    if not kinds:
        return True
    after = tokens[place + len(parts)].type if place + len(parts) < len(tokens) else "DOT"
    level = place > 0 and tokens[place - 1].type in SIDES and parts[1].type in ("AND", "COMMA")
    return kinds[0].value in AVERAGES and (not level or after in ("DOT", "COMMA", "AND", "OR"))


AVERAGES = frozenset({"sma", "ema", "wma", "hma", "dema", "tema", "kama", "vwma"})
