"""A text cut into statements: each has a head that says what it is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from backtests.rbi.grammar.tokens import Token

ACTIONS = ("BUY", "SHORT", "SELL", "EXIT")
HEADS = (*ACTIONS, "STOP", "TRAIL", "TARGET", "RISK", "SIZE", "HOLD", "MIRROR", "LONG_ONLY", "SHORT_ONLY", "FULL")
HEADS = (*HEADS, "ONLY", "AVOID", "NONE")
OPEN_HEADS = (*ACTIONS, "STOP", "TRAIL", "TARGET", "RISK", "SIZE", "HOLD", "ONLY", "AVOID")
AMOUNTS = ("PERCENT", "MULT", "NUMBER", "MONEY", "UNITS", "RMULT", "SPAN", "STAR", "IND", "LPAR", "RPAR", "EQUITY")
# What may follow an amount that stands before its head: `2% stop`.
AFTER_AMOUNT = ("STOP", "TRAIL", "TARGET", "RISK", "HOLD", "EQUITY", "SIZE")
GLUE = ("AND", "OR", "COMMA", "COLON", "WHEN", "ARG")
ENDS = ("COMMA", "DOT", "AND", "COLON")
# Of two heads in a row the first says nothing more: `entry: buy`, `use a trailing stop`, `risk at most`.
GIVES_WAY = {
    "BUY": ("BUY", "SHORT", "ONLY"),
    "SHORT": ("SHORT", "SELL"),
    "SELL": ("SHORT", "SELL", "EXIT"),
    "EXIT": ("SELL", "EXIT", "HOLD", "TARGET", "STOP", "TRAIL"),
    "SIZE": ("STOP", "TRAIL", "TARGET", "RISK", "FULL", "HOLD", "SIZE", "EQUITY"),
    "STOP": ("TRAIL", "STOP", "EXIT"),
    "TRAIL": ("STOP", "TRAIL"),
    "TARGET": ("TARGET", "EXIT", "SELL"),
    "HOLD": ("HOLD", "BUY"),
    "ONLY": ("BUY", "ONLY", "HOLD", "SHORT"),
    "RISK": ("RISK",),
}
# A word of time or of bounds that means nothing after these.
IGNORED = {"RISK": ("HOLD", "SIZE"), "STOP": ("HOLD",), "TRAIL": ("HOLD",), "BUY": ("ONLY",), "SHORT": ("ONLY",)}


@dataclass(frozen=True)
class Segment:
    """The tokens of a statement, its head first."""

    tokens: tuple[Token, ...]
    trailing: bool = False

    @property
    def start(self) -> int:
        return min(token.start for token in self.tokens)

    @property
    def end(self) -> int:
        return max(token.end for token in self.tokens)


def segments_of(tokens: Sequence[Token]) -> list[Segment]:
    """The statements in their order."""
    cutter = _Cutter(tokens)
    return [segment for piece in cutter.pieces() for segment in _finished(piece)]


class _Cutter:
    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._pieces: list[list[Token]] = [[]]

    def pieces(self) -> list[list[Token]]:
        for place, token in enumerate(self._tokens):
            if token.type == "DOT":
                self._cut()
            elif token.type in HEADS:
                self._head(place, token)
            elif self._begins_with_amount(place):
                self._cut()
                self._piece.append(token)
            else:
                self._piece.append(token)
        said = [piece for piece in self._pieces if any(token.type not in GLUE for token in piece)]
        following = [*said[1:], [Token("", "", 0, 0)]]
        return [piece for piece, after in zip(said, following, strict=True) if not _is_announced(piece, after)]

    @property
    def _piece(self) -> list[Token]:
        return self._pieces[-1]

    def _cut(self) -> None:
        if self._piece:
            self._pieces.append([])

    def _head(self, place: int, token: Token) -> None:
        said = [other for other in self._piece if other.type not in GLUE]
        last = said[-1].type if said else ""
        if token.type in IGNORED.get(last, ()):
            return
        if len(said) == 1 and token.type in GIVES_WAY.get(last, ()):
            self._replace(said[0], token)
        elif said and all(other.type in AMOUNTS or other.type == "SIZE" for other in said):
            self._join_amount(said, token)
        elif said and said[0].type not in HEADS and token.type in ACTIONS and self._ends(place + 1):
            self._piece.insert(0, token)
            self._cut()
        else:
            self._cut()
            self._piece.append(token)

    def _replace(self, old: Token, new: Token) -> None:
        trails = "TRAIL" in (old.type, new.type) and {old.type, new.type} <= {"STOP", "TRAIL"}
        place = self._piece.index(old)
        self._piece[place] = replace(new, type="TRAIL" if trails else new.type, start=old.start)

    def _join_amount(self, said: list[Token], token: Token) -> None:
        if token.type in AFTER_AMOUNT:
            self._pieces[-1] = [token, *(other for other in said if other.type != "SIZE")]
        else:
            self._cut()
            self._piece.append(token)

    def _ends(self, place: int) -> bool:
        """Whether a condition is over here, so that an action after it belongs to it."""
        while place < len(self._tokens) and self._tokens[place].type in ("ASSET", "EQUITY"):
            place += 1
        if place >= len(self._tokens):
            return True
        following = self._tokens[place]
        if following.type in ("AND", "COMMA", "COLON") and place + 1 < len(self._tokens):
            return True
        return following.type in (*ENDS, "UNITS", "MONEY", "PERCENT") or following.type in HEADS

    def _begins_with_amount(self, place: int) -> bool:
        """Whether an amount begins here whose head follows it, or that needs none."""
        token = self._tokens[place]
        counts = token.type in ("PERCENT", "MULT", "NUMBER", "MONEY", "UNITS", "RMULT", "SPAN")
        if not counts and (token.type, token.value) != ("IND", "atr"):
            return False
        before = next((token for token in reversed(self._piece) if token.type not in GLUE), None)
        free = not self._piece or self._piece[-1].type in GLUE
        count = place
        while count < len(self._tokens) and self._tokens[count].type in AMOUNTS[:-1] and count - place < 6:
            count += 1
        following = self._tokens[count].type if count < len(self._tokens) else "DOT"
        if following in AFTER_AMOUNT and following != "SIZE":
            return not (
                before and before.type in (*OPEN_HEADS, "GT", "LT", "GE", "LE", "MINUS", "PLUS", "STAR", "SLASH")
            )
        alone = count == place + 1 and self._tokens[place].type in ("MONEY", "UNITS")
        return free and alone and following in ENDS and bool(before) and self._piece[0].type != "BETWEEN"


def _is_announced(piece: list[Token], after: list[Token]) -> bool:
    """`exit at 5% profit`: the word says nothing that the next statement does not say."""
    kinds = [token.type for token in piece if token.type not in GLUE]
    heads = [token.type for token in after if token.type not in GLUE][:1]
    return kinds in (["EXIT"], ["SELL"]) and heads[0] in ("STOP", "TARGET", "HOLD", "TRAIL")


def _finished(piece: list[Token]) -> list[Segment]:
    """A piece with its head first and its conditions joined; an amount right after `buy` is a statement of its own."""
    body = list(piece)
    head = body.pop(0) if body[0].type in HEADS else None
    if head is None:
        head = _headless(body)
        body = [token for token in body if token is not head]
    found: list[Segment] = []
    if head.type in ("BUY", "SHORT"):
        amount, body = _order(body)
        if amount:
            found.append(Segment((Token("SIZE", "", amount[0].start, amount[0].start), *amount)))
    if head.type in ("FULL", "EQUITY"):
        body = [head, *body] if head.type == "FULL" else [*body, head]
        head = replace(head, type="SIZE")
    if head.type == "TRAIL":
        return [Segment((replace(head, type="STOP"), *_joined(body, head)), trailing=True)]
    return [*found, Segment((head, *_joined(body, head)))]


def _headless(body: list[Token]) -> Token:
    """The head of a piece that names none: a size for an amount, else a condition that says nothing of what to do."""
    first = next(token for token in body if token.type not in GLUE)
    if first.type == "EQUITY":
        return first
    kinds = {token.type for token in body if token.type not in GLUE}
    if kinds <= {"MONEY", "UNITS", "PERCENT", "EQUITY"}:
        return Token("SIZE", "", first.start, first.start)
    if first.type == "RMULT" and len(kinds) == 1:
        return Token("TARGET", "", first.start, first.start)
    return Token("BARE", "", first.start, first.start)


def _order(body: list[Token]) -> tuple[list[Token], list[Token]]:
    rest = list(body)
    amount: list[Token] = []
    while rest and rest[0].type in ("MONEY", "UNITS", "PERCENT", "MULT", "EQUITY", "ASSET", "COLON", "AND"):
        following = rest[1].type if len(rest) > 1 else ""
        if rest[0].type == "ASSET" and not _names_the_bought(following):
            break
        if rest[0].type == "MULT" and following != "EQUITY":
            break
        token = rest.pop(0)
        amount += [token] if token.type not in ("ASSET", "COLON", "AND") else []
    return amount, rest


def _names_the_bought(following: str) -> bool:
    return following in (
        "WHEN",
        "COLON",
        "IND",
        "PRICE",
        "HL",
        "SPAN",
        "NUMBER",
        "PATTERN",
        "AND",
        "LPAR",
        "PAIR",
        "AFTER",
        "PREVIOUS",
        "EVENT",
        "EXTREME",
    )


def _joined(body: list[Token], head: Token) -> list[Token]:
    """Commas as `and`, words of time as nothing, and amounts told apart by where they stand."""
    keeps_when = head.type in ("STOP", "TARGET")
    found: list[Token] = []
    for place, token in enumerate(body):
        if token.type == "COLON":
            continue
        if token.type == "WHEN" and not keeps_when:
            _glue(found, replace(token, type="AND"))
            continue
        if token.type == "AFTER" and head.type in ("BUY", "SHORT"):
            continue
        if token.type in ("AND", "OR", "COMMA"):
            _glue(found, _listed(body, place))
        elif (token.type == "IT" and not found and _is_object(body, place)) or (
            head.type in ("STOP", "TARGET") and not found and token.type in ("GT", "LT", "GE", "LE")
        ):
            continue
        else:
            found.append(_placed(found, token, head))
    while found and found[-1].type in ("AND", "OR"):
        found.pop()
    return found


def _listed(body: list[Token], place: int) -> Token:
    """A comma of a list that ends in `or` is one too: `A, B or C`."""
    if body[place].type != "COMMA":
        return body[place]
    words = [token.type for token in body[place + 1 :] if token.type in ("AND", "OR")]
    return replace(body[place], type="OR") if words[:1] == ["OR"] else body[place]


def _is_object(body: list[Token], place: int) -> bool:
    """`sell it when`: the thing that is sold, not what the condition is about."""
    return place + 1 < len(body) and body[place + 1].type in ("WHEN", "COLON", "AFTER", "COMMA")


def _glue(found: list[Token], token: Token) -> None:
    """One word between two parts, however many were written."""
    if not found or found[-1].type in ("BETWEEN", "LPAR"):
        return
    if found[-1].type in ("AND", "OR"):
        if token.type == "OR":
            found[-1] = replace(found[-1], type="OR")
        return
    found.append(replace(token, type="OR" if token.type == "OR" else "AND"))


def _placed(before: list[Token], token: Token, head: Token) -> Token:
    """`3% above` and `2 times` after a value say something of it; elsewhere they are a part of a value."""
    last = before[-1].type if before else head.type
    if token.type == "STAR" and token.number:
        return replace(token, type="STAR")
    if token.type == "STAR":
        return replace(token, type="STAR_SIGN")
    of_value = (
        "IND",
        "PRICE",
        "HL",
        "NUMBER",
        "RPAR",
        "RSQB",
        "SPAN",
        "AGO",
        "ASSET",
        "AND",
        "OR",
        "PERCENT",
        "EXTREME",
    )
    if token.type in ("AWAY", "MULT") and (
        last in of_value or last in ("BUY", "SHORT", "SELL", "EXIT", "ONLY", "BARE")
    ):
        between = token.type == "MULT" and last == "AND" and any(part.type == "BETWEEN" for part in before[-4:])
        return token if between else replace(token, type=f"IS_{token.type}")
    return token
