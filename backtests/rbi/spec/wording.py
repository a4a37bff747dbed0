"""A specification in plain English, one rule a sentence."""

from __future__ import annotations

from collections.abc import Mapping

from backtests.rbi.indicators import REGISTRY
from backtests.rbi.spec.checks import TIMES, is_percent
from backtests.rbi.spec.shapes import (
    All,
    Any,
    Compare,
    Condition,
    Cross,
    During,
    Held,
    Indicator,
    Not,
    Number,
    Operand,
    Parameter,
    Price,
    Signal,
    Specification,
    Stop,
    Sum,
    Target,
    Trend,
)

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SIGNS = {">": "is above", ">=": "is at or above", "<": "is below", "<=": "is at or below"}
COLUMNS = {"typical": "typical price", "middle": "middle of the bar", "open_interest": "open interest"}
Parameters = Mapping[str, Parameter]


def in_words(specification: Specification) -> list[str]:
    """The rules as sentences, with the numbers that the parameters have."""
    parameters = specification.parameters
    found = []
    for side, opens, closes in ((specification.long, "Buy", "Sell"), (specification.short, "Sell short", "Buy back")):
        if side:
            found.append(f"{opens} when {condition_in_words(side.entry, parameters)}.")
            if side.exit:
                found.append(f"{closes} when {condition_in_words(side.exit, parameters)}.")
    found += [_stop(specification.stop, parameters)] if specification.stop else []
    found += [_target(specification.target, parameters)] if specification.target else []
    found += [f"Close after {length(parameters[specification.hold])}."] if specification.hold else []
    return [*found, _sizing(specification)]


def number(value: float) -> str:
    """As people write it: no trailing zeros, no exponent."""
    return f"{value:,.10f}".rstrip("0").rstrip(".")


def length(parameter: Parameter) -> str:
    """A number of bars or a length of time."""
    unit = parameter.unit if parameter.unit in TIMES else "bars"
    return f"{number(parameter.value)} {unit.removesuffix('s') if parameter.value == 1 else unit}"


def condition_in_words(condition: Condition, parameters: Parameters) -> str:
    """A condition as the rest of a sentence that begins with `when`."""
    match condition:
        case All() | Any():
            word = " and " if isinstance(condition, All) else " or "
            return word.join(_inner(part, parameters, among=len(condition.of)) for part in condition.of)
        case Not():
            return f"it is not so that {_inner(condition.condition, parameters)}"
        case During():
            return _during(condition)
        case Compare() | Cross() | Trend() | Signal():
            return _simple(condition, parameters)
        case Held():
            held = _inner(condition.condition, parameters)
            return f"{held}, on each of the last {length(parameters[condition.bars])}"
    within = _inner(condition.condition, parameters)
    return f"{within}, now or within the last {length(parameters[condition.bars])}"


def _inner(condition: Condition, parameters: Parameters, *, among: int = 2) -> str:
    text = condition_in_words(condition, parameters)
    is_plain = isinstance(condition, Compare | Cross | Trend | Signal | During) or among == 1
    return text if is_plain else f"({text})"


def _simple(condition: Compare | Cross | Trend | Signal, parameters: Parameters) -> str:
    if isinstance(condition, Signal):
        return f"the pattern is: {operand_in_words(condition.indicator, parameters)}"
    if isinstance(condition, Trend):
        bars = length(parameters[condition.bars])
        return f"{operand_in_words(condition.operand, parameters)} is {condition.way} for {bars}"
    verb = SIGNS[condition.sign] if isinstance(condition, Compare) else f"crosses {condition.way}"
    left, right = operand_in_words(condition.left, parameters), operand_in_words(condition.right, parameters)
    return f"{left} {verb} {right}"


def _during(condition: During) -> str:
    parts = []
    if (condition.first, condition.last) != (0, 23):
        parts.append(f"the time is {condition.first:02}:00 to {condition.last:02}:59 UTC")
    if condition.weekdays:
        parts.append(f"the day is {' or '.join(DAYS[day] for day in sorted(condition.weekdays))}")
    return " and ".join(parts) or "the time is any"


def operand_in_words(operand: Operand, parameters: Parameters) -> str:
    """A value as a noun."""
    match operand:
        case Number():
            parameter = parameters[operand.parameter]
            return f"{number(parameter.value)}%" if parameter.unit == "percent" else number(parameter.value)
        case Sum():
            return f"({_both(operand, parameters)})"
        case Price():
            return f"the {COLUMNS.get(operand.column, operand.column)}{_ago(operand.ago)}"
    return _indicator(operand, parameters)


def _both(operand: Sum, parameters: Parameters) -> str:
    left, right = operand_in_words(operand.left, parameters), operand_in_words(operand.right, parameters)
    return f"{left} {operand.sign} {right}"


def _indicator(indicator: Indicator, parameters: Parameters) -> str:
    definition = REGISTRY[indicator.name]
    numbers = [parameters[indicator.args[name]] for name in definition.arguments]
    told = [f"{number(p.value)} {p.unit}" if p.unit in TIMES else number(p.value) for p in numbers]
    told = [operand_in_words(indicator.source, parameters), *told] if indicator.source else told
    title = definition.output(indicator.output).title
    given = f"({', '.join(told)})" if told else ""
    return f"{title}{given}{_ago(indicator.ago)}"


def _ago(bars: int) -> str:
    return f" {bars} {'bar' if bars == 1 else 'bars'} ago" if bars else ""


def _stop(stop: Stop, parameters: Parameters) -> str:
    kind = "Trailing stop" if stop.trailing else "Stop"
    if stop.kind == "swing" and stop.period:
        away = f", and {number(parameters[stop.distance].value)}% further" if stop.distance else ""
        extreme = f"lowest low of {length(parameters[stop.period])} (highest high for a short)"
        return f"{kind} at the {extreme}{away}."
    if stop.fixed:
        return f"{kind} at {number(parameters[stop.distance or ''].value)}."
    return f"{kind} {_away(stop, parameters)} from the price."


def _target(target: Target, parameters: Parameters) -> str:
    if target.kind == "risk":
        return f"Take profit at {number(parameters[target.distance].value)} times the stop's distance."
    if target.fixed:
        return f"Take profit at {number(parameters[target.distance].value)}."
    return f"Take profit {_away(target, parameters)} from the price."


def _away(part: Stop | Target, parameters: Parameters) -> str:
    distance = number(parameters[part.distance or ""].value)
    if part.kind == "atr":
        return f"{distance} times the ATR over {length(parameters[part.period or ''])}"
    return f"{distance}%" if part.kind == "percent" else f"{distance} USD"


def _sizing(specification: Specification) -> str:
    sizing = specification.sizing
    amount = specification.parameters[sizing.amount]
    value = number(amount.value * (1 if is_percent(amount, sizing) else 100))
    return {
        "fraction": f"Each position takes {value}% of the equity.",
        "risk": f"Each position loses {value}% of the equity at its stop.",
        "cash": f"Each position is worth {number(amount.value)} USD.",
        "units": f"Each position has {number(amount.value)} units.",
    }[sizing.kind]
