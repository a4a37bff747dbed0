"""A text cut into statements: each has a head that says what it is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from backtests.rbi.grammar.cutting import GLUE, HEADS, Cutter
from backtests.rbi.grammar.fusing import Token

SIGNS = ("PLUS", "MINUS", "STAR", "STAR_SIGN", "SLASH")
MOST_NESTED = 30
APART = ("HOURS", "DAYS", "SESSION", "UNLESS")


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

    @property
    def is_deep(self) -> bool:
        """Whether it is nested deeper than any rule that somebody means; the parse is walked recursively."""
        kinds = [token.type for token in self.tokens]
        return max(kinds.count("LPAR"), sum(kind in SIGNS for kind in kinds)) > MOST_NESTED

    @property
    def is_mixed(self) -> bool:
        """Whether there is an `and` beside an `or` and no brackets but those of indicators."""
        kinds = [token.type for token in self.tokens]
        brackets = [before for before, kind in pairwise(kinds) if kind == "LPAR"]
        plain = all(before in ("IND", "EXTREME", "NUMBER") for before in brackets)
        return plain and {"AND", "OR"} <= set(kinds) and "BETWEEN" not in kinds


def segments_of(tokens: Sequence[Token]) -> list[Segment]:
    """The statements in their order."""
    cutter = Cutter(tokens)
    return [segment for piece in cutter.pieces() for segment in _finished(piece)]


def _finished(piece: list[Token]) -> list[Segment]:
    """A piece with its head first and its conditions joined; an amount right after `buy` is a statement of its own."""
    body = list(piece)
    head = body.pop(0) if body[0].type in HEADS else None
    if head is None:
        head = _headless(body)
        body = [token for token in body if token is not head]
    found: list[Segment] = []
    if (head.type, head.value) == ("MIRROR", "both") and any(token.type not in GLUE for token in body):
        # `long and short on the 20/50 cross`: the rule to buy, and its reverse.
        return [Segment((head,)), *_finished([replace(head, type="BUY", value=""), *body])]
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
    if kinds <= {"MONEY", "UNITS", "PERCENT", "MULT", "EQUITY"}:
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
    found: list[Token] = []
    for place, token in enumerate(body):
        if token.type in ("AND", "OR", "COMMA"):
            _glue(found, _listed(body, place))
        elif token.type == "WHEN" and head.type not in ("STOP", "TARGET"):
            _glue(found, replace(token, type="AND"))
        elif token.type in APART:
            _apart(found, token)
        elif not _says_nothing(found, body, place, head):
            found.append(_placed(found, token, head))
    while found and found[-1].type in ("AND", "OR", "AND_THEN", "SLASH"):
        found.pop()
    return found


def _says_nothing(found: list[Token], body: list[Token], place: int, head: Token) -> bool:
    """Words that its head makes superfluous."""
    token = body[place]
    if token.type == "AFTER" and (head.type in ("BUY", "SHORT") or _is_followed_by_condition(body, place)):
        return True
    if token.type == "ENTRY":
        return head.type in ("STOP", "TARGET", "TRAIL")
    if token.type == "PAST":
        dated = any(other.type in ("AGO", "WITHIN", "FOR", "PREVIOUS", "LSQB") for other in body)
        return dated or any(other.value == "previous_day" for other in body)
    if found:
        return token.type == "COLON"
    beyond = head.type in ("STOP", "TARGET") and token.type in ("GT", "LT", "GE", "LE", "TOUCHES")
    object_ = token.type == "IT" and _is_object(body, place)
    return beyond or object_ or token.type in ("COLON", "AND_THEN")


def _is_followed_by_condition(body: list[Token], place: int) -> bool:
    """`sell after a close below …`, and not `sell after 5 bars`."""
    following = body[place + 1].type if place + 1 < len(body) else "SPAN"
    return following in ("GT", "LT", "CROSS", "CROSS_OVER", "CROSS_UNDER", "IND", "PRICE", "PATTERN", "EVENT")


def _listed(body: list[Token], place: int) -> Token:
    """A comma of a list that ends in `or` is one too: `A, B or C`."""
    if body[place].type != "COMMA":
        return body[place]
    words = [token.type for token in body[place + 1 :] if token.type in ("AND", "OR")]
    return replace(body[place], type="OR") if words[:1] == ["OR"] else body[place]


def _is_object(body: list[Token], place: int) -> bool:
    """`sell it when`: the thing that is sold, not what the condition is about."""
    return place + 1 < len(body) and body[place + 1].type in ("WHEN", "COLON", "AFTER", "COMMA")


def _apart(found: list[Token], token: Token) -> None:
    """Times and exceptions are conditions of their own, with or without an `and` before them."""
    if found and found[-1].type in ("BETWEEN", "FROM"):
        found.pop()
    if found and found[-1].type not in ("AND", "OR", "NOT", "LPAR"):
        found.append(replace(token, type="AND", value=""))
    found.append(replace(token, type="NOT") if token.type == "UNLESS" else token)


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
