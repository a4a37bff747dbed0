"""From the parse of a statement to its meaning: one method for each rule of rules.lark."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from lark import Token as LarkToken
from lark import Transformer

from backtests.rbi.grammar import predicates as say
from backtests.rbi.grammar.tokens import Token
from backtests.rbi.grammar.tree import (
    Amount,
    Applied,
    Cloud,
    Column,
    Condition,
    Context,
    Crossing,
    It,
    Length,
    Line,
    Math,
    Movement,
    NotSo,
    Operand,
    Over,
    Seen,
    Several,
    Statement,
    Times,
    Unclear,
    Way,
    earlier,
    shifted,
)
from backtests.rbi.indicators import REGISTRY

# The bars of a pattern that is seen ago are those of its indicator.
Args = tuple[tuple[str, Length | float], ...]
FEW_RANGES = 7
CHARTS = frozenset(
    {("days", 1.0), ("weeks", 1.0), *(("hours", float(n)) for n in (1, 2, 3, 4, 6, 8, 12))}
    | {("minutes", float(n)) for n in (1, 3, 5, 10, 15, 30, 45)}
)
OTHER_CHART = "Rules run on the bars of the data set: choose its timeframe there. For a length write it behind, as in SMA 4 hours."
HIGH, LOW = (LarkToken("HL", name) for name in ("high", "low"))
for made in (HIGH, LOW):
    made.value = Token("HL", str(made), 0, 0)


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


class Operands(Transformer[Any, Any]):
    """Values."""

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
        return replace(parts[1], its=True)

    def math(self, parts: list[Any]) -> Math:
        sign = {"PLUS": "+", "MINUS": "-", "STAR_SIGN": "*", "SLASH": "/"}[parts[1].type]
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

    def line_back(self, parts: list[Any]) -> Operand:
        return earlier(parts[0], parts[1])

    def previous_line(self, parts: list[Any]) -> Operand:
        return earlier(parts[1], 1)

    def line(self, parts: list[Any]) -> Operand:
        line, *source = parts
        if not source:
            return cast(Operand, line)
        if _selects(line, source[0]):
            return replace(line, output=source[0].output)
        if isinstance(source[0], Line):
            raise Unclear("Say of what it is computed, as in: the 10 SMA of the RSI.")
        return self.line_of(parts)

    def line_of(self, parts: list[Any]) -> Operand:
        line, source = parts[0], [parts[-1]]
        if not isinstance(line, Line) or line.source is not None or not REGISTRY[line.name].takes_source:
            raise Unclear("This indicator is not computed from another one.")
        if source[0] == Column("volume") and line.name == "sma":
            return replace(line, name="volume_average")
        return replace(line, source=None if source[0] == say.CLOSE else source[0])

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
        few = number.type == "NUMBER" and value_of(indicator) == "atr"
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
        return cast(Length, self._length(token))

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


def _selects(line: Any, other: Any) -> bool:
    """`MACD(12,26,9) histogram`: the second names a line of the first."""
    if not isinstance(line, Line) or not isinstance(other, Line) or not other.output or other.args:
        return False
    return not line.output and other.output in {own.name for own in REGISTRY[line.name].outputs}


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
        condition, length = parts[0], parts[-1]
        inner = condition.predicate if isinstance(condition, Applied) else None
        if inner:
            return replace(condition, predicate=lambda left: _lasting(inner(left), length), again=None)
        return _lasting(condition, length)

    def within(self, parts: list[Any]) -> Condition:
        return Over("recent", parts[0], parts[-1])

    def shifted(self, parts: list[Any]) -> Condition:
        return shifted(parts[0], self.ago(parts[1:]))

    def applied(self, parts: list[Any]) -> Applied:
        return replace(parts[1], left=parts[0])

    def applied_not(self, parts: list[Any]) -> Applied:
        predicate = parts[2].predicate
        return replace(parts[2], left=parts[0], predicate=lambda left: NotSo(predicate(left)), again=None)

    def applied_again(self, parts: list[Any]) -> Applied:
        return cast(Applied, parts[0])

    def pattern(self, parts: list[Any]) -> Seen:
        return Seen(line_of(parts[0], Given()))

    def breakout(self, parts: list[Any]) -> Condition:
        return say.crossing(say.CLOSE, "over", self.high_of([parts[0], HIGH]))

    def breakdown(self, parts: list[Any]) -> Condition:
        return say.crossing(say.CLOSE, "under", self.high_of([parts[0], LOW]))

    def event(self, parts: list[Any]) -> Crossing:
        self.context.notes.add("golden or death cross", "SMA 50 and 200", "These are the usual averages.")
        fast, slow = (Line("sma", args=(("period", Length(bars)),)) for bars in (50, 200))
        return Crossing(fast, "over" if value_of(parts[0]) == "golden" else "under", slow)

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
        fast, slow = _pair(pair)
        return Crossing(fast, "under" if down else "either" if plain else "over", slow)

    def pair_cross_down(self, parts: list[Any]) -> Condition:
        fast, slow = _pair(parts[1])
        return Crossing(fast, "under", slow)

    def hours(self, parts: list[Any]) -> Times:
        first, last = (int(hour) for hour in value_of(parts[-1]).split())
        return Times(first, last)

    def hour(self, parts: list[Any]) -> Times:
        return Times(int(number_of(parts[0])), int(number_of(parts[0])))

    def days(self, parts: list[Any]) -> Times:
        return Times(days=tuple(int(day) for day in value_of(parts[0]).split()))


def _lasting(condition: Condition, length: Length) -> Condition:
    return replace(condition, length=length) if isinstance(condition, Movement) else Over("lasting", condition, length)


def _through(left: Operand | None) -> Condition:
    """A level is broken: upwards if it is an upper one."""
    if isinstance(left, Line):
        if left.name == "highest" or left.line in ("upper", "r1", "r2", "high"):
            return say.crossing(say.CLOSE, "over", left)
        if left.name == "lowest" or left.line in ("lower", "s1", "s2", "low"):
            return say.crossing(say.CLOSE, "under", left)
    raise Unclear("Say which way, as in: close crosses above the 20-bar high.")


def _pair(token: Any) -> tuple[Line, Line]:
    first, last = sorted(float(number) for number in token.value.line.split())
    fast, slow = (Line(value_of(token), args=(("period", Length(bars)),)) for bars in (first, last))
    return fast, slow


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
        lines = _pair(pair)
        return Applied(
            lambda left: Several("all", tuple(say.comparison(left or say.CLOSE, sign, line) for line in lines))
        )

    def over(self, parts: list[Any]) -> Applied:
        return _closing(parts[0], say.crossed("over", parts[1]))

    def under(self, parts: list[Any]) -> Applied:
        return _closing(parts[0], say.crossed("under", parts[1]))

    def either_way(self, parts: list[Any]) -> Applied:
        return say.crossed("either", parts[1])

    def over_signal(self, parts: list[Any]) -> Applied:
        way: Way = "either" if parts[0].type == "CROSS" else "over"
        return say.signal(way)

    def under_signal(self, _: list[Any]) -> Applied:
        return say.signal("under")

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

    def multiple(self, parts: list[Any]) -> Applied:
        return say.compared(">", Math(parts[1], "*", Amount(number_of(parts[0]), "multiple")))

    def makes(self, parts: list[Any]) -> Applied:
        line = parts[1]
        up = line.name == "highest"
        column = line.source or Column("high" if up else "low")
        return Applied(lambda _: say.comparison(column, ">" if up else "<", line))

    def broken(self, _: list[Any]) -> Applied:
        return Applied(_through)

    def touches(self, parts: list[Any]) -> Applied:
        return say.touches(parts[1])

    def rises(self, _: list[Any]) -> Applied:
        return say.trending(up=True)

    def falls(self, _: list[Any]) -> Applied:
        return say.trending(up=False)

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


class Statements(Predicates):
    """Whole rules. The context goes from one to the next."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context

    def buy(self, parts: list[Any]) -> Statement:
        return Statement("buy", self.context.resolved(parts[-1]))

    def short(self, parts: list[Any]) -> Statement:
        return Statement("short", self.context.resolved(parts[-1]))

    def sell(self, parts: list[Any]) -> Statement:
        return Statement("sell", self.context.resolved(parts[-1]))

    def exit(self, parts: list[Any]) -> Statement:
        side = value_of(parts[0]) if parts[0].type == "EXIT" else ""
        return Statement("exit", self.context.resolved(parts[-1]), side=side)

    def exit_level(self, parts: list[Any]) -> Statement:
        if isinstance(parts[-1], Amount | It):
            raise Unclear("Say when, as in: exit when RSI is above 70, or take profit 5%.")
        return Statement("level", operand=parts[-1], side="exit")

    def exit_reverse(self, _: list[Any]) -> Statement:
        return Statement("reverse")

    def only(self, parts: list[Any]) -> Statement:
        return Statement("only", self.context.resolved(parts[-1]))

    def avoid(self, parts: list[Any]) -> Statement:
        return Statement("only", NotSo(self.context.resolved(parts[-1])))

    def bare(self, parts: list[Any]) -> Statement:
        return Statement("bare", self.context.resolved(parts[-1]))

    def hold(self, parts: list[Any]) -> Statement:
        return Statement("hold", length=parts[-1])

    def after(self, parts: list[Any]) -> Length:
        return cast(Length, next(part for part in parts if isinstance(part, Length)))

    def stop(self, parts: list[Any]) -> Statement:
        return Statement("stop", operand=parts[-1])

    def target(self, parts: list[Any]) -> Statement:
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

    def nothing(self, _: list[Any]) -> Statement:
        return Statement("nothing")
