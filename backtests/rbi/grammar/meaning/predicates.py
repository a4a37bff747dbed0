"""What is said of a value, from the parse of a statement."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from backtests.rbi.grammar import predicates as say
from backtests.rbi.grammar.fusing import Token
from backtests.rbi.grammar.meaning.conditions import Conditions, pair_of, through
from backtests.rbi.grammar.meaning.operands import number_of, value_of
from backtests.rbi.grammar.tree import (
    Amount,
    Applied,
    Condition,
    Length,
    Math,
    Operand,
    Several,
    Way,
)


def _closing(verb: Any, applied: Applied) -> Applied:
    """`closes above` is said of the price, even where no price was named."""
    return replace(applied, closes=value_of(verb) == "closes")


class Predicates(Conditions):
    """What is said of a value."""

    def above(self, parts: list[Any]) -> Applied:
        return _closing(parts[0], say.compared(">", parts[1]))

    def at_least(self, parts: list[Any]) -> Applied:
        return _closing(parts[0], say.compared(">=", parts[1]))

    def below(self, parts: list[Any]) -> Applied:
        return _closing(parts[0], say.compared("<", parts[1]))

    def at_most(self, parts: list[Any]) -> Applied:
        return _closing(parts[0], say.compared("<=", parts[1]))

    def above_pair(self, parts: list[Any]) -> Applied:
        return self._both(">", parts[1])

    def below_pair(self, parts: list[Any]) -> Applied:
        return self._both("<", parts[1])

    def _both(self, sign: str, pair: Any) -> Applied:
        lines = pair_of(pair)
        return Applied(
            lambda left: Several("all", tuple(say.comparison(left or say.CLOSE, sign, line) for line in lines))
        )

    def over(self, parts: list[Any]) -> Applied:
        way = say.way_through(parts[1]) if value_of(parts[0]) == "break" else "over"
        return _closing(parts[0], say.crossed(way, parts[1]))

    def outside(self, parts: list[Any]) -> Applied:
        return say.outside(parts[1])

    def under(self, parts: list[Any]) -> Applied:
        return _closing(parts[0], say.crossed("under", parts[1]))

    def either_way(self, parts: list[Any]) -> Applied:
        return say.crossed("either", parts[1])

    def over_signal(self, parts: list[Any]) -> Applied:
        way: Way = "either" if parts[0].type == "CROSS" else "over"
        return say.signal(way, itself=parts[0].type == "CROSS_OVER")

    def under_signal(self, parts: list[Any]) -> Applied:
        return say.signal("under", itself=parts[0].type == "CROSS_UNDER")

    def between(self, parts: list[Any]) -> Applied:
        return say.between(parts[1], parts[3])

    def away(self, parts: list[Any]) -> Applied:
        token: Token = parts[0].value
        target = parts[1]

        def make(left: Operand | None) -> Condition:
            other = say.moved(target, token.number)
            up = token.number > 0
            if token.value == "cross":
                return say.crossing(left or say.CLOSE, "over" if up else "under", other)
            return say.comparison(left or say.CLOSE, ">" if up else "<", other)

        return Applied(make)

    def near(self, parts: list[Any]) -> Applied:
        """`less than 5% below`: between that and the value itself."""
        bounds = sorted((0.0, number_of(parts[0])))
        target = parts[1]

        def make(left: Operand | None) -> Condition:
            low, high = (say.moved(target, bound) if bound else target for bound in bounds)
            price = left or say.CLOSE
            return Several("all", (say.comparison(price, ">", low), say.comparison(price, "<", high)))

        return Applied(make)

    def multiple(self, parts: list[Any]) -> Applied:
        return say.compared(">", Math(parts[1], "*", Amount(number_of(parts[0]), "multiple")))

    def makes(self, parts: list[Any]) -> Applied:
        return say.record(parts[1])

    def broken(self, _: list[Any]) -> Applied:
        return Applied(through)

    def touches(self, parts: list[Any]) -> Applied:
        return say.touches(parts[1], value_of(parts[0]))

    def rises(self, _: list[Any]) -> Applied:
        return say.trending(up=True)

    def falls(self, _: list[Any]) -> Applied:
        return say.trending(up=False)

    def uptrend(self, _: list[Any]) -> Applied:
        return say.in_trend(up=True)

    def downtrend(self, _: list[Any]) -> Applied:
        return say.in_trend(up=False)

    def moves(self, parts: list[Any]) -> Applied:
        length = parts[-1] if isinstance(parts[-1], Length) else Length(1)
        if length is not parts[-1]:
            self.context.notes.add("change", "over 1 bar", "It was not said over how long.")
        return say.moves(number_of(parts[1]), length, up=parts[0].type == "RISES")

    def moves_more(self, parts: list[Any]) -> Applied:
        return say.moves(number_of(parts[2]), parts[-1], up=parts[0].type == "RISES")

    def turns_up(self, _: list[Any]) -> Applied:
        return say.turning(up=True)

    def turns_down(self, _: list[Any]) -> Applied:
        return say.turning(up=False)

    def positive(self, _: list[Any]) -> Applied:
        return say.against_zero("over", turns=False)

    def negative(self, _: list[Any]) -> Applied:
        return say.against_zero("under", turns=False)

    def turns_positive(self, _: list[Any]) -> Applied:
        return say.against_zero("over", turns=True)

    def turns_negative(self, _: list[Any]) -> Applied:
        return say.against_zero("under", turns=True)

    def oversold(self, _: list[Any]) -> Applied:
        self.context.notes.add("oversold", "the usual level", "It was not said from which value on.")
        return say.extreme(over=False)

    def overbought(self, _: list[Any]) -> Applied:
        self.context.notes.add("overbought", "the usual level", "It was not said from which value on.")
        return say.extreme(over=True)

    def turns_oversold(self, _: list[Any]) -> Applied:
        return say.extreme(over=False, turns=True)

    def turns_overbought(self, _: list[Any]) -> Applied:
        return say.extreme(over=True, turns=True)

    def bullish(self, _: list[Any]) -> Applied:
        return say.bullish(up=True)

    def bearish(self, _: list[Any]) -> Applied:
        return say.bullish(up=False)

    def turns_bullish(self, _: list[Any]) -> Applied:
        return say.bullish(up=True, turns=True)

    def turns_bearish(self, _: list[Any]) -> Applied:
        return say.bullish(up=False, turns=True)
