"""What is true or not, from the parse of a statement."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from lark import Token as LarkToken

from backtests.rbi.grammar import predicates as say
from backtests.rbi.grammar.channels import CHANNELS, check_line
from backtests.rbi.grammar.fusing import Token
from backtests.rbi.grammar.meaning.operands import CHARTS, Given, Operands, length_of, line_of, number_of, value_of
from backtests.rbi.grammar.tree import (
    Amount,
    Applied,
    Column,
    Comparison,
    Condition,
    Crossing,
    Length,
    Line,
    Math,
    Movement,
    NotSo,
    Operand,
    Over,
    Same,
    Seen,
    Several,
    Times,
    Unclear,
    shifted,
)

NO_LENGTH = (
    "Rules run on the bars of the data set: choose its timeframe there. For how long it lasts write for 4 hours, and"
    " for a change within a time rises 2% in 1 day."
)
HIGH, LOW = (LarkToken("HL", name) for name in ("high", "low"))
for made in (HIGH, LOW):
    made.value = Token("HL", str(made), 0, 0)


def _lasting(condition: Condition, length: Length) -> Condition:
    return replace(condition, length=length) if isinstance(condition, Movement) else Over("lasting", condition, length)


def _said(condition: Condition, denied: bool) -> Condition:
    return NotSo(condition) if denied else condition


def through(left: Operand | None) -> Condition:
    """A level is broken: upwards if it is an upper one."""
    check_line(left)
    if isinstance(left, Line):
        if left.name == "highest" or left.line in ("upper", "r1", "r2", "high"):
            return say.crossing(say.CLOSE, "over", left)
        if left.name == "lowest" or left.line in ("lower", "s1", "s2", "low"):
            return say.crossing(say.CLOSE, "under", left)
    raise Unclear("Say which way, as in: close crosses above the 20-bar high.")


def pair_of(token: Any) -> tuple[Line, Line]:
    first, last = sorted(float(number) for number in token.value.line.split())
    fast, slow = (Line(value_of(token), args=(("period", Length(bars)),)) for bars in (first, last))
    return fast, slow


class Conditions(Operands):
    """What is true or not."""

    def span(self, parts: list[Any]) -> Length:
        return length_of(parts[0])

    def one_span(self, parts: list[Any]) -> Length:
        return Length(1, value_of(parts[0]))

    def any(self, parts: list[Any]) -> Several:
        return self._several("any", parts)

    def all(self, parts: list[Any]) -> Several:
        return self._several("all", parts)

    def _several(self, kind: Any, parts: list[Any]) -> Several:
        of = tuple(part for part in parts if not hasattr(part, "type"))
        if len(of) > 12:
            raise Unclear("Join at most 12 conditions.")
        return Several(kind, of)

    def either(self, parts: list[Any]) -> Condition:
        return cast(Condition, parts[0])

    def not_(self, parts: list[Any]) -> NotSo:
        return NotSo(parts[1])

    def primary(self, parts: list[Any]) -> Condition:
        return cast(Condition, next(part for part in parts if not hasattr(part, "type")))

    operand_in = primary

    def atom(self, parts: list[Any]) -> Operand:
        return cast(Operand, next(part for part in parts if not hasattr(part, "type")))

    def held(self, parts: list[Any]) -> Condition:
        condition: Condition = parts[0]
        length: Length = parts[-1]
        if len(parts) == 2 and (length.unit, length.value) in CHARTS:
            # `RSI < 30 on the 4h chart`, `up 2% on the day`: how long it must last nobody said.
            raise Unclear(NO_LENGTH)
        if isinstance(condition, Applied):
            inner = condition.predicate
            denied = condition.denied
            made = replace(condition, again=None, denied=False)
            return replace(made, predicate=lambda left: _lasting(_said(inner(left), denied), length))
        return _lasting(condition, length)

    def within(self, parts: list[Any]) -> Condition:
        condition: Condition = parts[0]
        if isinstance(condition, Applied) and condition.denied:
            return NotSo(Over("recent", replace(condition, denied=False), parts[-1]))
        return Over("recent", condition, parts[-1])

    def shifted(self, parts: list[Any]) -> Condition:
        return shifted(parts[0], self.ago(parts[1:]))

    def applied(self, parts: list[Any]) -> Applied:
        applied: Applied = parts[1]
        return replace(applied, left=parts[0])

    def applied_not(self, parts: list[Any]) -> Applied:
        applied: Applied = parts[2]
        return replace(applied, left=parts[0], denied=True)

    def chained(self, parts: list[Any]) -> Applied:
        left, first, sign, right = parts
        other = {"GT": ">", "GE": ">=", "LT": "<", "LE": "<="}[sign.type]

        def make(value: Operand | None) -> Condition:
            begun = first.predicate(value)
            if isinstance(begun, Crossing) and not isinstance(begun.right, Amount):
                # `crosses over %D below 20`: where the cross happens.
                return Several("all", (begun, say.comparison(begun.left, other, right)))
            if not isinstance(begun, Comparison) or begun.sign[0] != other[0]:
                raise Unclear("Write `and` between the two conditions.")
            return Several("all", (begun, say.comparison(begun.right, other, right)))

        return Applied(make, left)

    def applied_again(self, parts: list[Any]) -> Applied:
        return cast(Applied, parts[0])

    def pattern(self, parts: list[Any]) -> Seen:
        return Seen(line_of(parts[0], Given()))

    def breakout(self, parts: list[Any]) -> Condition:
        return say.crossing(say.CLOSE, "over", self.high_of([parts[0], HIGH]))

    def breakdown(self, parts: list[Any]) -> Condition:
        return say.crossing(say.CLOSE, "under", self.high_of([parts[0], LOW]))

    def line_breakout(self, parts: list[Any]) -> Condition:
        return self._broken(parts, "upper")

    def line_breakdown(self, parts: list[Any]) -> Condition:
        return self._broken(parts, "lower")

    def _broken(self, parts: list[Any], output: str) -> Condition:
        """A channel is left: through its upper line, or its lower one."""
        line = parts[0] if isinstance(parts[0], Line) else line_of(parts[1], Given([self._number(parts[0])]))
        if line.name not in CHANNELS or line.output not in ("", output):
            raise Unclear("Say through what it breaks, as in: close crosses above the 20-bar high.")
        return say.crossing(say.CLOSE, "over" if output == "upper" else "under", replace(line, output=output))

    def same(self, parts: list[Any]) -> Same:
        return Same(line_of(parts[1], Given()))

    def event(self, parts: list[Any]) -> Crossing:
        fast, slow = (Line("sma", args=(("period", Length(bars)),)) for bars in (50, 200))
        return Crossing(fast, "over" if value_of(parts[0]) == "golden" else "under", slow, usual=True)

    def spike(self, _: list[Any]) -> Condition:
        self.context.notes.add("high volume", "2 times its average", "It was not said how high.")
        return say.comparison(Column("volume"), ">", Math(Line("volume_average"), "*", Amount(2, "multiple")))

    def streak(self, parts: list[Any]) -> Condition:
        count = number_of(parts[0]) if parts[0].type == "NUMBER" else 1
        output = {"GREEN": "green", "RED": "red", "BETTER": "higher", "WORSE": "lower"}[parts[-1].type]
        return say.comparison(Line("streak", output), ">=", Amount(count))

    def streak_of(self, parts: list[Any]) -> Condition:
        length = length_of(parts[0])
        if length.unit != "bars":
            raise Unclear("Count candles: 3 green candles.")
        output = "green" if parts[1].type == "BULLISH" else "red"
        return say.comparison(Line("streak", output), ">=", Amount(length.value))

    def candle(self, parts: list[Any]) -> Condition:
        return say.comparison(say.CLOSE, ">" if parts[1].type == "BULLISH" else "<", Column("open"))

    def bullish_cross(self, parts: list[Any]) -> Condition:
        return say.signal("over").predicate(parts[1])

    def bearish_cross(self, parts: list[Any]) -> Condition:
        return say.signal("under").predicate(parts[1])

    def pair_cross(self, parts: list[Any]) -> Condition:
        down = any(getattr(part, "type", "") == "CROSSING_DOWN" for part in parts)
        pair = next(part for part in parts if getattr(part, "type", "") == "PAIR")
        plain = parts[-1].type == "CROSS" and parts[0].type == "PAIR"
        fast, slow = pair_of(pair)
        return Crossing(fast, "under" if down else "either" if plain else "over", slow)

    def pair_cross_down(self, parts: list[Any]) -> Condition:
        fast, slow = pair_of(parts[1])
        return Crossing(fast, "under", slow)

    def hours(self, parts: list[Any]) -> Times:
        first, last = (int(hour) for hour in value_of(parts[-1]).split())
        return Times(first, last)

    def hour(self, parts: list[Any]) -> Times:
        return Times(int(number_of(parts[0])), int(number_of(parts[0])))

    def days(self, parts: list[Any]) -> Times:
        return Times(days=tuple(int(day) for day in value_of(parts[0]).split()))
