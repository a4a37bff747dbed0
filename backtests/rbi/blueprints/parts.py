"""Short words for the pieces of a specification, so that a blueprint reads like the rule that it is."""

from __future__ import annotations

from backtests.rbi.spec import (
    All,
    Any,
    Compare,
    Condition,
    Cross,
    Indicator,
    Not,
    Number,
    Operand,
    Parameter,
    Price,
    Signal,
    Sum,
    Within,
)

OPEN, HIGH, LOW, CLOSE = (
    Price(column="open"),
    Price(column="high"),
    Price(column="low"),
    Price(column="close"),
)
VOLUME = Price(column="volume")
FUNDING, OPEN_INTEREST, LIQUIDATIONS = (
    Price(column="funding"),
    Price(column="open_interest"),
    Price(column="liquidations"),
)
# The range of a bar.
RANGE = Sum(left=HIGH, sign="-", right=LOW)


def line(indicator: str, output: str = "", /, *, of: Operand | None = None, ago: int = 0, **args: str) -> Indicator:
    """A line of an indicator: `args` name the parameters, `of` is what it is computed from."""
    return Indicator(name=indicator, output=output, source=of, ago=ago, args=args)


def value(parameter: str) -> Number:
    return Number(parameter=parameter)


ZERO = value("zero")


def _operand(given: Operand | str) -> Operand:
    return value(given) if isinstance(given, str) else given


def above(left: Operand, right: Operand | str) -> Compare:
    return Compare(left=left, sign=">", right=_operand(right))


def below(left: Operand, right: Operand | str) -> Compare:
    return Compare(left=left, sign="<", right=_operand(right))


def at_least(left: Operand, right: Operand | str) -> Compare:
    return Compare(left=left, sign=">=", right=_operand(right))


def over(left: Operand, right: Operand | str) -> Cross:
    """It crosses from below."""
    return Cross(left=left, way="over", right=_operand(right))


def under(left: Operand, right: Operand | str) -> Cross:
    """It crosses from above."""
    return Cross(left=left, way="under", right=_operand(right))


def both(*conditions: Condition) -> All:
    return All(of=conditions)


def either(*conditions: Condition) -> Any:
    return Any(of=conditions)


def no(condition: Condition) -> Not:
    return Not(condition=condition)


def lately(condition: Condition, bars: str) -> Within:
    return Within(condition=condition, bars=bars)


def plus(left: Operand, right: Operand | str) -> Sum:
    return Sum(left=left, sign="+", right=_operand(right))


def minus(left: Operand, right: Operand | str) -> Sum:
    return Sum(left=left, sign="-", right=_operand(right))


def times(left: Operand, right: Operand | str) -> Sum:
    return Sum(left=left, sign="*", right=_operand(right))


def bars(count: int, low: int, high: int, label: str) -> Parameter:
    """A number of bars."""
    step = max(1, (high - low) // 20)
    return Parameter(value=count, low=low, high=high, step=step, whole=True, unit="bars", label=label)


def level(at: float, low: float, high: float, label: str, step: float = 1) -> Parameter:
    """A line on an indicator's scale."""
    return Parameter(value=at, low=low, high=high, step=step, label=label)


def factor(by: float, low: float, high: float, label: str, step: float = 0.1) -> Parameter:
    """A multiple of something."""
    return Parameter(value=by, low=low, high=high, step=step, unit="ratio", label=label)


def percent(of: float, low: float, high: float, label: str, step: float = 0.1) -> Parameter:
    return Parameter(value=of, low=low, high=high, step=step, unit="percent", label=label)


def zero() -> dict[str, Parameter]:
    """The line between gains and losses: no more than nought, whatever one would like to try."""
    return {"zero": Parameter(value=0, low=0, high=0, label="Zero line")}


def says_yes(pattern: str, output: str = "") -> Signal:
    """A candle pattern is complete on this bar."""
    return Signal(indicator=Indicator(name=pattern, output=output))
