"""Values of a statement, from its parse."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from lark import Transformer

from backtests.rbi.grammar import predicates as say
from backtests.rbi.grammar.context import Context
from backtests.rbi.grammar.fusing import Token
from backtests.rbi.grammar.tree import (
    Amount,
    Cloud,
    Column,
    It,
    Length,
    Line,
    Math,
    Operand,
    Unclear,
    earlier,
)
from backtests.rbi.indicators import REGISTRY

# `2 ATR` are two of them, `14 ATR` is one over 14 bars.
FEW_RANGES = 7
# What people call a chart: `4h RSI` is not one over four hours.
CHARTS = frozenset(
    {("days", 1.0), ("weeks", 1.0), *(("hours", float(n)) for n in (1, 2, 3, 4, 6, 8, 12))}
    | {("minutes", float(n)) for n in (1, 3, 5, 10, 15, 30, 45)}
)
OTHER_CHART = "Rules run on the bars of the data set: choose its timeframe there. As a length write SMA 4 hours."


class Given:
    """What stands in brackets after an indicator, or before it."""

    def __init__(self, numbers: list[Length | float] | None = None, source: Operand | None = None) -> None:
        self.numbers = numbers or []
        self.source = source


def number_of(token: Any) -> float:
    return cast(Token, token.value).number


def value_of(token: Any) -> str:
    return cast(Token, token.value).value


def length_of(token: Any) -> Length:
    return Length(number_of(token), value_of(token))


def line_of(token: Any, given: Given) -> Line:
    """An indicator with its numbers in the order of its arguments."""
    told: Token = token.value
    definition = REGISTRY[told.value]
    if len(given.numbers) > len(definition.args):
        takes = len(definition.args) or "no"
        raise Unclear(f"{definition.title} takes {takes} number{'s' if takes != 1 else ''}.")
    if given.source is not None and not definition.takes_source:
        raise Unclear(f"{definition.title} has its own columns. Leave the other one out.")
    numbers: list[tuple[str, Length | float]] = []
    for argument, number in zip(definition.args, given.numbers, strict=False):
        if isinstance(number, Length) and not argument.whole:
            number = number.value
        elif not isinstance(number, Length) and argument.whole:
            number = Length(number)
        numbers.append((argument.name, number))
    source = None if given.source == say.CLOSE else given.source
    if source == Column("volume") and told.value == "sma":
        return Line("volume_average", "", tuple(numbers))
    return Line(told.value, told.line, tuple(numbers), source)


def _selects(line: Any, other: Any) -> bool:
    """`MACD(12,26,9) histogram`: the second names a line of the first."""
    if not isinstance(line, Line) or not isinstance(other, Line) or not other.output or other.args:
        return False
    return not line.output and other.output in {own.name for own in REGISTRY[line.name].outputs}


def _is_named_first(line: Any, other: Any) -> bool:
    """`Bollinger upper (20, 2)`: the first word only says whose line it is."""
    bare = isinstance(line, Line) and not line.args and not line.output
    return bare and isinstance(other, Line) and other.name == line.name


class Operands(Transformer[Any, Any]):
    """Values. The context goes from one statement to the next."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context

    def number(self, parts: list[Any]) -> Amount:
        return Amount(number_of(parts[0]))

    def percent(self, parts: list[Any]) -> Amount:
        return Amount(number_of(parts[0]), "percent")

    def money(self, parts: list[Any]) -> Amount:
        return Amount(number_of(parts[0]), "money")

    def risk_multiple(self, parts: list[Any]) -> Amount:
        return Amount(number_of(parts[0]), "risk")

    def cloud(self, _: list[Any]) -> Cloud:
        return Cloud()

    def asset(self, _: list[Any]) -> Column:
        return say.CLOSE

    def range(self, _: list[Any]) -> Math:
        return Math(Column("high"), "-", Column("low"))

    def it(self, _: list[Any]) -> It:
        return It()

    def its(self, parts: list[Any]) -> Line:
        line: Line = parts[1]
        return replace(line, its=True)

    def math(self, parts: list[Any]) -> Math:
        sign = {"PLUS": "+", "MINUS": "-", "STAR_SIGN": "*", "SLASH": "/"}[parts[1].type]
        if sign in "+-" and isinstance(parts[2], Amount) and parts[2].kind == "percent":
            return say.moved(parts[0], parts[2].value if sign == "+" else -parts[2].value)
        return Math(parts[0], sign, parts[2])

    def scaled(self, parts: list[Any]) -> Math:
        return Math(parts[0], "*", Amount(number_of(parts[1]), "multiple"))

    def multiplied(self, parts: list[Any]) -> Math:
        return Math(parts[1], "*", Amount(number_of(parts[0]), "multiple"))

    def moved(self, parts: list[Any]) -> Math:
        return say.moved(parts[1], number_of(parts[0]))

    def ago(self, parts: list[Any]) -> int:
        token: Token = next(part for part in parts if part.type in ("AGO", "NUMBER")).value
        if token.type == "AGO" and token.value != "bars":
            raise Unclear("Count it in bars: 3 bars ago.")
        bars = abs(token.number)
        if bars != int(bars) or bars > 500:
            raise Unclear("Count whole bars, at most 500.")
        return int(bars)

    def price(self, parts: list[Any]) -> Column:
        return Column(value_of(parts[0]), parts[1] if len(parts) > 1 else 0)

    def previous_price(self, parts: list[Any]) -> Column:
        return Column(value_of(parts[1]), 1)

    def price_of_previous(self, parts: list[Any]) -> Operand:
        unit = value_of(parts[2]) if len(parts) > 2 else "bars"
        if unit == "days" and value_of(parts[0]) in ("open", "high", "low", "close"):
            return Line("previous_day", value_of(parts[0]))
        if unit != "bars":
            raise Unclear("Say the high of the previous bar or day, or of the last 5 bars.")
        return Column(value_of(parts[0]), 1)

    def its_extreme(self, parts: list[Any]) -> Operand:
        line: Operand = parts[1]
        return line

    def line_back(self, parts: list[Any]) -> Operand:
        return earlier(parts[0], parts[1])

    def previous_line(self, parts: list[Any]) -> Operand:
        return earlier(parts[1], 1)

    def line(self, parts: list[Any]) -> Operand:
        line, *source = parts
        if source and _is_named_first(line, source[0]):
            return cast(Operand, source[0])
        if source == [Line("slope")]:
            return Line("slope", source=line)
        if source and _selects(source[0], line):
            return replace(cast(Line, source[0]), output=cast(Line, line).output)
        if source and _selects(line, source[0]):
            line = replace(line, output=source.pop().output)
        if not source:
            return cast(Operand, line)
        if isinstance(source[0], Line):
            raise Unclear("Say of what it is computed, as in: the 10 SMA of the RSI.")
        return self.line_of(parts)

    def line_of(self, parts: list[Any]) -> Operand:
        line: Operand = parts[0]
        source: Operand = parts[-1]
        if not isinstance(line, Line) or line.source is not None or not REGISTRY[line.name].takes_source:
            raise Unclear("This indicator is not computed from another one.")
        if source == Column("volume") and line.name == "sma":
            return replace(line, name="volume_average")
        return replace(line, source=None if source == say.CLOSE else source)

    def source_price(self, parts: list[Any]) -> Column:
        return Column(value_of(parts[0]))

    def source_line(self, parts: list[Any]) -> Line:
        return line_of(parts[0], parts[1] if len(parts) > 1 else Given())

    def source_line_number(self, parts: list[Any]) -> Line:
        return line_of(parts[0], Given([number_of(parts[1])]))

    def its_price(self, parts: list[Any]) -> Column:
        return Column(value_of(parts[1]))

    def source_line_span(self, parts: list[Any]) -> Line:
        return line_of(parts[1], Given([self._number(parts[0])]))

    def plain(self, parts: list[Any]) -> Line:
        return line_of(parts[0], Given())

    def after_number(self, parts: list[Any]) -> Line:
        return line_of(parts[0], Given([self._number(parts[-1])]))

    def with_arguments(self, parts: list[Any]) -> Line:
        return line_of(parts[0], parts[1])

    def before_number(self, parts: list[Any]) -> Operand:
        number, indicator, *given = parts
        self._timed(number)
        few = number.type == "NUMBER" and value_of(indicator) in ("atr", "volume_average")
        if few and (given or number_of(number) < FEW_RANGES or number_of(number) % 1):
            line = line_of(indicator, given[0] if given else Given())
            return Math(line, "*", Amount(number_of(number), "multiple"))
        rest = given[0] if given else Given()
        return line_of(indicator, Given([self._number(number), *rest.numbers], rest.source))

    def _timed(self, token: Any) -> None:
        """`4h RSI` means another chart, not a length."""
        if token.type == "SPAN" and (value_of(token), number_of(token)) in CHARTS:
            raise Unclear(OTHER_CHART)

    def _number(self, token: Any) -> Length | float:
        return length_of(token) if token.type == "SPAN" else number_of(token)

    def argument(self, parts: list[Any]) -> Length | float:
        return self._number(parts[-1])

    def argument_source(self, parts: list[Any]) -> Column:
        return Column(value_of(parts[0]))

    def argument_line(self, parts: list[Any]) -> Line:
        return line_of(parts[0], parts[1] if len(parts) > 1 else Given())

    def arguments(self, parts: list[Any]) -> Given:
        given = [part for part in parts if not hasattr(part, "type")]
        sources = [part for part in given if isinstance(part, Column | Line)]
        if len(sources) > 1:
            raise Unclear("An indicator is computed from one thing.")
        numbers = [part for part in given if not isinstance(part, Column | Line)]
        return Given(numbers, sources[0] if sources else None)

    def reach(self, parts: list[Any]) -> Length:
        token = next(part for part in parts if part.type in ("SPAN", "NUMBER"))
        return self._length(token)

    def _length(self, token: Any) -> Length:
        return length_of(token) if token.type == "SPAN" else Length(number_of(token))

    def source_column(self, parts: list[Any]) -> Column:
        return Column(value_of(parts[0]))

    def extreme(self, parts: list[Any]) -> Line:
        length = next((part for part in parts if isinstance(part, Length)), None)
        column = next((part for part in parts if isinstance(part, Column)), None)
        return self._extreme(value_of(parts[0]), column, length)

    def extreme_before(self, parts: list[Any]) -> Line:
        column = next((part for part in parts if isinstance(part, Column)), None)
        return self._extreme(value_of(parts[1]), column, self._length(parts[0]))

    def high_of(self, parts: list[Any]) -> Line:
        return self._extreme(value_of(parts[1]), None, length_of(parts[0]))

    def of_last(self, parts: list[Any]) -> Line:
        return self._extreme(value_of(parts[0]), None, length_of(parts[-1]))

    def swing(self, parts: list[Any]) -> Line:
        length = parts[1] if len(parts) > 1 else Length(10)
        return self._extreme("low" if parts[0].type == "SWING_LOW" else "high", None, length)

    def _extreme(self, side: str, column: Column | None, length: Length | None) -> Line:
        name = "highest" if side == "high" else "lowest"
        source = None if column is None or column.name == side else column
        return Line(name, args=(("period", length),) if length else (), source=source)
