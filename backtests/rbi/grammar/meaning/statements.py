"""Whole rules, from their parse."""

from __future__ import annotations

from typing import Any, cast

from backtests.rbi.grammar import predicates as say
from backtests.rbi.grammar.channels import check_line
from backtests.rbi.grammar.meaning.operands import number_of, value_of
from backtests.rbi.grammar.meaning.predicates import Predicates
from backtests.rbi.grammar.tree import (
    Amount,
    It,
    Length,
    Line,
    NotSo,
    Statement,
    Unclear,
)

# Lines that a bar reaches from one side only.
EDGES = ("upper", "lower", "r1", "r2", "s1", "s2")
EXTREMES = ("highest", "lowest")


class Statements(Predicates):
    """Whole rules."""

    def buy(self, parts: list[Any]) -> Statement:
        return Statement("buy", self.context.opening(parts[-1]))

    def short(self, parts: list[Any]) -> Statement:
        return Statement("short", self.context.opening(parts[-1]))

    def entry_level(self, parts: list[Any]) -> Statement:
        """`buy at the lower band`: a bar that reaches it. Of other lines it is not said from which side they count."""
        line = parts[-1]
        check_line(line)
        if not isinstance(line, Line) or (line.line not in EDGES and line.name not in EXTREMES):
            raise Unclear("Say when, as in: buy when RSI is below 30.")
        side = "buy" if parts[0].type == "BUY" else "short"
        return Statement(side, self.context.opening(say.touches(line).predicate(None)))

    def sell(self, parts: list[Any]) -> Statement:
        return Statement("sell", self.context.resolved(parts[-1]))

    def exit(self, parts: list[Any]) -> Statement:
        side = value_of(parts[0]) if parts[0].type == "EXIT" else ""
        return Statement("exit", self.context.resolved(parts[-1]), side=side)

    def exit_level(self, parts: list[Any]) -> Statement:
        if isinstance(parts[-1], Amount) and parts[-1].kind == "risk":
            return Statement("target", operand=parts[-1])
        if parts[-1] == Amount(getattr(parts[-1], "value", 0.0)):
            closes = "sell" if parts[0].type == "SELL" else "exit"
            side = value_of(parts[0]) if closes == "exit" else ""
            return Statement(closes, self.context.level(parts[-1].value), side=side)
        if isinstance(parts[-1], Amount | It) or say.kind_of(parts[-1]) != "price":
            raise Unclear("Say when, as in: exit when RSI is above 70, or take profit 5%.")
        check_line(parts[-1])
        closes = "long" if parts[0].type == "SELL" else value_of(parts[0])
        return Statement("level", operand=parts[-1], side="exit", closes=closes)

    def exit_reverse(self, _: list[Any]) -> Statement:
        return Statement("reverse")

    def only(self, parts: list[Any]) -> Statement:
        return Statement("only", self.context.opening(parts[-1]), side=value_of(parts[0]))

    def avoid(self, parts: list[Any]) -> Statement:
        return Statement("only", NotSo(self.context.resolved(parts[-1])))

    def bare(self, parts: list[Any]) -> Statement:
        return Statement("bare", self.context.opening(parts[-1]))

    def hold(self, parts: list[Any]) -> Statement:
        return Statement("hold", length=parts[-1])

    def after(self, parts: list[Any]) -> Length:
        return next(part for part in parts if isinstance(part, Length))

    def stop(self, parts: list[Any]) -> Statement:
        check_line(parts[-1])
        return Statement("stop", operand=parts[-1])

    def target(self, parts: list[Any]) -> Statement:
        check_line(parts[-1])
        return Statement("target", operand=parts[-1])

    def risk(self, parts: list[Any]) -> Statement:
        return Statement("risk", operand=Amount(number_of(parts[1]), "percent"))

    def size(self, parts: list[Any]) -> Statement:
        return cast(Statement, parts[-1])

    def size_percent(self, parts: list[Any]) -> Statement:
        return self.order_percent(parts[1:])

    def order_percent(self, parts: list[Any]) -> Statement:
        return Statement("fraction", operand=Amount(number_of(parts[0]), "percent"))

    def order_part(self, parts: list[Any]) -> Statement:
        return Statement("fraction", operand=Amount(100 * number_of(parts[0]), "percent"))

    def order_full(self, _: list[Any]) -> Statement:
        return Statement("fraction", operand=Amount(100, "percent"))

    def order_money(self, parts: list[Any]) -> Statement:
        return Statement("cash", operand=Amount(number_of(parts[0]), "money"))

    def order_units(self, parts: list[Any]) -> Statement:
        return Statement("units", operand=Amount(number_of(parts[0])))

    def mirror(self, _: list[Any]) -> Statement:
        return Statement("mirror")

    def long_only(self, _: list[Any]) -> Statement:
        return Statement("long_only")

    def short_only(self, _: list[Any]) -> Statement:
        return Statement("short_only")

    def setting(self, parts: list[Any]) -> Statement:
        return Statement("setting", operand=parts[-1])

    def setting_length(self, parts: list[Any]) -> Statement:
        return Statement("setting", length=Length(number_of(parts[-1])))

    def flip(self, _: list[Any]) -> Statement:
        return Statement("flip")

    def nothing(self, _: list[Any]) -> Statement:
        return Statement("nothing")
