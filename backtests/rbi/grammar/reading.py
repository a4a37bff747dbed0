"""Reads rules that people wrote and says what of them it understood."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from lark import Lark, UnexpectedInput
from lark import Token as LarkToken
from lark.exceptions import VisitError
from lark.lexer import Lexer

from backtests.rbi.grammar.building import build
from backtests.rbi.grammar.context import Context
from backtests.rbi.grammar.fusing import Token
from backtests.rbi.grammar.hints import hint_for
from backtests.rbi.grammar.markets import market_of
from backtests.rbi.grammar.meaning import Statements
from backtests.rbi.grammar.segments import Segment, segments_of
from backtests.rbi.grammar.sides import Unfit
from backtests.rbi.grammar.titles import name_in, without_titles
from backtests.rbi.grammar.tokens import tokens_of
from backtests.rbi.grammar.tree import Notes, Statement, Unclear
from backtests.rbi.grammar.typos import slips
from backtests.rbi.grammar.words import words_of
from backtests.rbi.spec import Specification, check
from moondev.lib.errors import Invalid

# Longer texts are not read: the time it takes is bounded, and no rule needs as much.
LONGEST = 2000
MOST_TOKENS = 400
MOST_NOT_UNDERSTOOD = 30
RULES = Path(__file__).with_name("rules.lark")
EXAMPLE = "buy when RSI(14) crosses below 30, sell when RSI rises above 70, stop 2 ATR, risk 1%"
# Words that are known and fit nowhere in a rule, by what hints call them.
MISFITS = {"AND_THEN": "and then", "PAST": "was", "ENTRY": "entry price"}
# What each kind of statement is called.
KINDS = {
    "buy": "opens a long position",
    "short": "opens a short position",
    "sell": "closes the long position",
    "exit": "closes the position",
    "only": "filters the entries",
    "bare": "opens a position",
    "stop": "the stop",
    "target": "the target",
    "hold": "closes after a time",
    "level": "closes the position",
    "reverse": "closes the position",
    "mirror": "the same for shorts, reversed",
    "long_only": "no shorts",
    "short_only": "no longs",
    "nothing": "no stop or target",
    "setting": "the numbers of an indicator",
    "flip": "closes the position and opens the other side",
}


@dataclass(frozen=True)
class Span:
    """A piece of the text. `hint`: what it became, or why it is not understood and what to write instead."""

    text: str
    start: int
    end: int
    hint: str = ""


@dataclass(frozen=True)
class Assumption:
    """What the text does not say and the strategy needs."""

    name: str
    value: str
    why: str


@dataclass(frozen=True)
class Reading:
    """What was read. There is a specification only when all of the text was understood."""

    specification: Specification | None
    understood: list[Span] = field(default_factory=list)
    not_understood: list[Span] = field(default_factory=list)
    assumptions: list[Assumption] = field(default_factory=list)


class Given(Lexer):
    """Hands the parser tokens that are there already."""

    def __init__(self, _: Any) -> None:
        """lark gives its settings, of which none matters."""

    def lex(self, data: Iterable[Token]) -> Iterator[LarkToken]:  # type: ignore[override]
        for token in data:
            made = LarkToken(token.type, token.value, start_pos=token.start, end_pos=token.end)
            made.value = token
            yield made


@cache
def parser() -> Lark:
    """The grammar's parser: LALR, so that its work grows no faster than the text."""
    return Lark(RULES.read_text(encoding="utf-8"), parser="lalr", lexer=Given)


def read(text: str) -> Reading:
    """The specification that a text states, or what of it is not understood. Never raises."""
    if len(text) > LONGEST:
        hint = f"At most {LONGEST} characters are read. Say it shorter."
        return Reading(None, not_understood=[Span(text[LONGEST:][:80], LONGEST, len(text), hint)])
    tokens = tokens_of(text)
    if len(tokens) > MOST_TOKENS:
        start = tokens[MOST_TOKENS].start
        return Reading(None, not_understood=[Span(text[start:][:80], start, len(text), "Say it with fewer words.")])
    return _Reader(text, without_titles(tokens)).reading()


class _Reader:
    def __init__(self, text: str, tokens: list[Token]) -> None:
        self._text = text
        self._tokens = tokens
        self._faults: list[Span] = []
        self._statements: list[Statement] = []
        self._notes = Notes()
        self._meaning = Statements(Context(self._notes))

    def reading(self) -> Reading:
        self._leave_name_out()
        self._check_one_market()
        unknown = [token for token in self._tokens if token.type in ("UNKNOWN", "EQ")]
        for token in unknown[:MOST_NOT_UNDERSTOOD]:
            self._fault(token.start, token.end, hint_for("=" if token.type == "EQ" else token.value))
        for word, meant in slips(words_of(self._text)):
            self._notes.add(word.text, meant, "It was taken for a slip of the finger.")
        if any((token.type, token.value) == ("AND", "wait") for token in self._tokens):
            self._notes.add("wait for", "on the same bar", "Rules look at one bar: both must be true on it.")
        for segment in segments_of(self._tokens):
            if not any(token.type in ("UNKNOWN", "EQ") for token in segment.tokens):
                self._read(segment)
        if not self._statements and not self._faults:
            self._fault(0, len(self._text), f"Write a rule, as in: {EXAMPLE}.")
        specification = None if self._faults else self._built()
        understood = [
            self._span(found.start, found.end, KINDS.get(found.kind, "the size")) for found in self._statements
        ]
        assumptions = [Assumption(name, value, why) for name, (value, why) in self._notes.found.items()]
        faults = sorted(self._faults, key=lambda span: span.start)[:MOST_NOT_UNDERSTOOD]
        return Reading(specification, understood, faults, assumptions if specification else [])

    def _check_one_market(self) -> None:
        """A coin that is watched and another one that is traded would be taken for one."""
        named = [(token, market_of(self._text[token.start : token.end])) for token in self._tokens]
        markets = [(token, market) for token, market in named if token.type in ("ASSET", "UNITS") and market]
        for token, market in markets:
            if market != markets[0][1]:
                self._fault(token.start, token.end, "A strategy knows one market: the one of its data set.")

    def _leave_name_out(self) -> None:
        count = name_in(self._tokens, self._text)
        if count:
            name = self._text[self._tokens[0].start : self._tokens[count - 1].end]
            self._notes.add("name", name[:60], "It was taken for a name, not for a rule.")
            self._tokens = self._tokens[count:]

    def _span(self, start: int, end: int, hint: str) -> Span:
        return Span(self._text[start:end], start, end, hint)

    def _fault(self, start: int, end: int, hint: str) -> None:
        self._faults.append(self._span(start, end, hint))

    def _read(self, segment: Segment) -> None:
        if segment.is_deep:
            self._fault(segment.start, segment.end, "Say it with fewer brackets and signs.")
            return
        try:
            found = self._meaning.transform(parser().parse(segment.tokens))
        except UnexpectedInput as error:
            self._unexpected(segment, error)
        except VisitError as error:
            if not isinstance(error.orig_exc, Unclear):
                raise
            self._fault(segment.start, segment.end, error.orig_exc.hint)
        except Unclear as error:
            self._fault(segment.start, segment.end, error.hint)
        else:
            place = {"start": segment.start, "end": segment.end, "trailing": segment.trailing}
            self._statements.append(replace(found, **place))
            if segment.is_mixed:
                self._notes.add("and, or", "`and` binds first", "There are both, without brackets.")

    def _unexpected(self, segment: Segment, error: UnexpectedInput) -> None:
        token = getattr(getattr(error, "token", None), "value", None)
        if not isinstance(token, Token):
            self._fault(segment.start, segment.end, "Something is missing at its end.")
            return
        hint = "It does not fit here. Write one rule after the other, with commas between them."
        hint = hint_for(MISFITS[token.type]) if token.type in MISFITS else hint
        self._fault(token.start, token.end, hint)

    def _built(self) -> Specification | None:
        try:
            found = build(self._text, self._statements, self._notes)
            check(found)
        except Unfit as error:
            self._fault(error.at.start, error.at.end, error.hint)
        except Unclear as error:
            self._fault(0, len(self._text), error.hint)
        except Invalid as error:
            self._fault(0, len(self._text), error.detail)
        else:
            return found
        return None
