"""Where in a text one statement ends and the next begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from backtests.rbi.grammar.fusing import Token

ACTIONS = ("BUY", "SHORT", "SELL", "EXIT")
OPEN_HEADS = (*ACTIONS, "STOP", "TRAIL", "TARGET", "RISK", "SIZE", "HOLD", "ONLY", "AVOID")
HEADS = (
    *OPEN_HEADS, "MIRROR", "LONG_ONLY", "SHORT_ONLY", "FULL", "NONE", "SETTING", "FLIP", "ALWAYS", "REVERSES",
)  # fmt: skip
AMOUNTS = ("PERCENT", "MULT", "NUMBER", "MONEY", "UNITS", "RMULT", "SPAN", "STAR", "IND", "LPAR", "RPAR", "EQUITY")
SIDES = ("GT", "LT", "GE", "LE")
# What may follow an amount that stands before its head: `2% stop`.
AFTER_AMOUNT = ("STOP", "TRAIL", "TARGET", "RISK", "HOLD", "EQUITY", "SIZE")
GLUE = ("AND_THEN", "AND", "OR", "COMMA", "COLON", "WHEN", "ARG")
ENDS = ("COMMA", "DOT", "AND", "COLON")
# Of two heads in a row the first says nothing more: `entry: buy`, `use a trailing stop`, `risk at most`.
GIVES_WAY = {
    "BUY": ("BUY", "SHORT", "ONLY"),
    "SHORT": ("SHORT", "SELL"),
    "SELL": ("SHORT", "SELL", "EXIT", "TARGET", "STOP", "TRAIL"),
    "EXIT": ("SELL", "EXIT", "HOLD", "TARGET", "STOP", "TRAIL"),
    "SIZE": ("STOP", "TRAIL", "TARGET", "RISK", "FULL", "HOLD", "SIZE", "EQUITY"),
    "STOP": ("TRAIL", "STOP", "EXIT"),
    "TRAIL": ("STOP", "TRAIL"),
    "TARGET": ("TARGET", "EXIT", "SELL"),
    "HOLD": ("HOLD", "BUY"),
    "ONLY": ("ONLY", "HOLD"),
    "RISK": ("RISK",),
}
# A word of time or of bounds that means nothing after these.
IGNORED = {"RISK": ("HOLD", "SIZE"), "STOP": ("HOLD",), "TRAIL": ("HOLD",), "BUY": ("ONLY",), "SHORT": ("ONLY",)}


class Cutter:
    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._pieces: list[list[Token]] = [[]]

    def pieces(self) -> list[list[Token]]:
        for place, token in enumerate(self._tokens):
            if token.type == "DOT":
                self._cut()
            elif self._begins_another(place, token):
                self._cut()
                kind = "HOLD" if token.type == "AFTER" else "EXIT"
                self._piece.append(Token(kind, "", token.start, token.start))
            elif token.type in HEADS:
                self._head(place, token)
            elif self._begins_with_amount(place):
                self._cut()
                self._piece.append(token)
            else:
                self._piece.append(token)
        said = [piece for piece in self._pieces if any(token.type not in GLUE for token in piece)]
        return [piece for place, piece in enumerate(said) if not _is_announced(piece, said[place + 1 : place + 2])]

    @property
    def _piece(self) -> list[Token]:
        return self._pieces[-1]

    def _cut(self) -> None:
        if self._piece:
            self._pieces.append([])

    def _begins_another(self, place: int, token: Token) -> bool:
        """`exit when … or after 10 bars`, `stop 2% or when …`: a second exit of another kind."""
        said = [other.type for other in self._piece if other.type not in GLUE]
        if len(said) < 2 or self._piece[-1].type not in ("AND", "OR", "COMMA"):
            return False
        if token.type == "AFTER":
            following = self._tokens[place + 1].type if place + 1 < len(self._tokens) else ""
            return said[0] in ("EXIT", "SELL", "STOP", "TARGET") and following in ("SPAN", "UNIT")
        amounts = said[0] in ("EXIT", "SELL", "STOP", "TARGET", "HOLD") and set(said[1:]) <= {*AMOUNTS, "AFTER", "UNIT"}
        return token.type == "WHEN" and amounts

    def _head(self, place: int, token: Token) -> None:
        said = [other for other in self._piece if other.type not in GLUE]
        last = said[-1].type if said else ""
        if token.type in IGNORED.get(last, ()):
            return
        if len(said) == 1 and token.type in GIVES_WAY.get(last, ()):
            self._replace(said[0], token)
        elif said and all(other.type in (*AMOUNTS, "SIZE", "SELL", "EXIT") for other in said):
            self._join_amount(said, token)
        elif self._trails(said, place) or self._is_its_stop(said, token):
            self._replace(said[0], token)
        elif said and said[0].type not in HEADS and token.type in ACTIONS and self._is_behind(place):
            self._piece.insert(0, token)
            self._cut()
        else:
            self._cut()
            self._piece.append(token)

    def _trails(self, said: list[Token], place: int) -> bool:
        """`a stop of 3% trailing`."""
        kinds = [token.type for token in self._tokens[place : place + 2]] + ["DOT"]
        amount = said[-1].type in AMOUNTS and self._piece[-1].type not in GLUE if said else False
        return amount and said[0].type == "STOP" and kinds[0] == "TRAIL" and kinds[1] in (*ENDS, *HEADS)

    def _is_its_stop(self, said: list[Token], token: Token) -> bool:
        """`trail with a 3 ATR stop`: the word that ends it is the one that began it."""
        amount = bool(said[1:]) and all(other.type in AMOUNTS for other in said[1:])
        return amount and (said[0].type, token.type) == ("TRAIL", "STOP") and self._piece[-1].type not in GLUE

    def _replace(self, old: Token, new: Token) -> None:
        trails = "TRAIL" in (old.type, new.type) and {old.type, new.type} <= {"STOP", "TRAIL"}
        place = self._piece.index(old)
        self._piece[place] = replace(new, type="TRAIL" if trails else new.type, start=old.start)
        if new.type in ("STOP", "TARGET") and old.type in ("EXIT", "SELL"):
            # `exit when profit is 5%`: no condition follows.
            self._pieces[-1] = [token for token in self._piece if token.type != "WHEN"]

    def _join_amount(self, said: list[Token], token: Token) -> None:
        joins = said[-1].type != "EQUITY" or token.type == "RISK"
        if joins and token.type in AFTER_AMOUNT and self._piece[-1].type not in GLUE:
            self._pieces[-1] = [token, *(other for other in said if other.type in AMOUNTS)]
        else:
            self._cut()
            self._piece.append(token)

    def _is_behind(self, place: int) -> bool:
        """Whether an action belongs to the condition before it: `RSI < 30 buy`, and so `RSI < 30 buy RSI > 70 sell`."""
        rest = [token.type for token in self._tokens[place + 1 :]]
        clause = rest[: next((count for count, kind in enumerate(rest) if kind in ("DOT", "COMMA")), len(rest))]
        acts = [kind for kind in clause if kind in ACTIONS]
        return self._ends(place + 1) or (len(acts) == 1 and clause[-1] in ACTIONS)

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
        before = next((token for token in reversed(self._piece) if token.type not in GLUE), None)
        free = not self._piece or self._piece[-1].type in GLUE
        if not counts and not (free and (token.type, token.value) == ("IND", "atr")):
            return False
        count = place
        while count < len(self._tokens) and self._tokens[count].type in AMOUNTS[:-1] and count - place < 6:
            count += 1
        following = self._tokens[count].type if count < len(self._tokens) else "DOT"
        if following in AFTER_AMOUNT and (following != "SIZE" or (free and self._ends(count + 1))):
            slash = before is not None and before.type == "SLASH" and self._piece[0].type in ("STOP", "TARGET", "TRAIL")
            return slash or not (before and before.type in (*OPEN_HEADS, *SIDES, "MINUS", "PLUS", "STAR", "SLASH"))
        alone = count == place + 1 and self._tokens[place].type in ("MONEY", "UNITS", "RMULT")
        return free and alone and following in ENDS and before is not None and before.type not in HEADS


def _is_announced(piece: list[Token], following: list[list[Token]]) -> bool:
    """`exit at 5% profit`: the word says nothing that the next statement does not say."""
    kinds = [token.type for token in piece if token.type not in GLUE]
    heads = [token.type for after in following for token in after if token.type not in GLUE]
    return kinds in (["EXIT"], ["SELL"]) and heads[:1] in (["STOP"], ["TARGET"], ["HOLD"], ["TRAIL"])
