"""What shapes alone cannot say: whether the pieces of a specification fit one another."""

from __future__ import annotations

import keyword
from collections.abc import Callable, Iterator

from backtests.rbi.indicators import REGISTRY, Argument
from backtests.rbi.spec.shapes import (
    Held,
    Indicator,
    Number,
    Parameter,
    Signal,
    Sizing,
    Specification,
    Stop,
    Target,
    Trend,
    Within,
)
from backtests.rbi.spec.walk import Piece, names_of, pieces
from moondev.lib.errors import FieldError, Invalid

DEEPEST = 12
MOST_PIECES = 200
MOST_PARAMETERS = 60
TIMES = ("minutes", "hours", "days", "weeks")
# A strategy of backtesting.py has these already, and the generated one the last three.
RESERVED = frozenset(
    {
        "buy",
        "closed_trades",
        "data",
        "equity",
        "init",
        "next",
        "orders",
        "position",
        "sell",
        "trades",
        "bars_needed",
        "traded_unit",
        "most_leverage",
    }
)
Errors = Iterator[FieldError]


def check(specification: Specification) -> None:
    """Raise Invalid that names every piece which does not fit, and what would."""
    errors = [error for rule in RULES for error in rule(specification)]
    if not errors:
        errors = [error for rule in DEEPER_RULES for error in rule(specification)]
    if errors:
        raise Invalid(errors[0].detail, tuple(errors))


def _size(specification: Specification) -> Errors:
    found = list(pieces(specification))
    if len(found) > MOST_PIECES:
        yield FieldError("", f"The rules have {len(found)} pieces. Use at most {MOST_PIECES}.")
    for piece in found:
        if piece.depth > DEEPEST:
            yield FieldError(piece.pointer, f"It lies {piece.depth} levels deep. Nest at most {DEEPEST}.")
            return


def _sides(specification: Specification) -> Errors:
    if specification.long is None and specification.short is None:
        yield FieldError("/long", "The strategy opens no position. Give `long`, `short` or both.")
    if specification.stop or specification.target or specification.hold:
        return
    for name, side, other in (
        ("long", specification.long, specification.short),
        ("short", specification.short, specification.long),
    ):
        if side and side.exit is None and other is None:
            yield FieldError(f"/{name}/exit", "Nothing closes the position. Give an exit, a stop, a target or `hold`.")


def _parameters(specification: Specification) -> Errors:
    if len(specification.parameters) > MOST_PARAMETERS:
        yield FieldError("/parameters", f"Use at most {MOST_PARAMETERS} parameters.")
    for name, parameter in specification.parameters.items():
        if keyword.iskeyword(name) or name in RESERVED:
            yield FieldError(f"/parameters/{name}", f"`{name}` is taken. Choose another name.")
        yield from _bounds(f"/parameters/{name}", parameter)


def _bounds(pointer: str, parameter: Parameter) -> Errors:
    low, high = parameter.low, parameter.high
    if low is not None and high is not None and low > high:
        yield FieldError(f"{pointer}/low", f"The lowest value {low:g} is above the highest {high:g}. Exchange them.")
    elif low is not None and parameter.value < low:
        yield FieldError(f"{pointer}/value", f"Use at least {low:g}, or lower `low`.")
    elif high is not None and parameter.value > high:
        yield FieldError(f"{pointer}/value", f"Use at most {high:g}, or raise `high`.")
    if parameter.step is not None and parameter.step <= 0:
        yield FieldError(f"{pointer}/step", "Use a step above 0.")
    if parameter.whole and parameter.value != int(parameter.value):
        yield FieldError(f"{pointer}/value", "Use a whole number, or set `whole` to false.")


def _named(specification: Specification) -> Errors:
    known = ", ".join(list(specification.parameters)[:20]) or "none"
    for piece in pieces(specification):
        for field, name in names_of(piece.part):
            if name not in specification.parameters:
                detail = f"There is no parameter `{name}`. Add it to `parameters`, or name one of: {known}."
                yield FieldError(f"{piece.pointer}/{field}", detail)
    if specification.hold and specification.hold not in specification.parameters:
        yield FieldError("/hold", f"There is no parameter `{specification.hold}`. Add it to `parameters`.")


def _indicators(specification: Specification) -> Errors:
    for piece in pieces(specification):
        if isinstance(piece.part, Indicator):
            yield from _indicator(piece.pointer, piece.part)
        elif isinstance(piece.part, Signal) and piece.part.indicator.name in REGISTRY:
            line = REGISTRY[piece.part.indicator.name].output(piece.part.indicator.output)
            if line.unit != "yes":
                detail = f"{line.title} is a number. Compare it with another, or name a pattern."
                yield FieldError(f"{piece.pointer}/indicator", detail)


def _indicator(pointer: str, indicator: Indicator) -> Errors:
    definition = REGISTRY.get(indicator.name)
    if definition is None:
        yield FieldError(f"{pointer}/name", f"There is no indicator `{indicator.name}`. Use one of: {_list(REGISTRY)}.")
        return
    outputs = [line.name for line in definition.outputs]
    if indicator.output and indicator.output not in outputs:
        yield FieldError(f"{pointer}/output", f"{definition.title} has no such line. Use one of: {_list(outputs)}.")
    for name in definition.arguments.keys() - indicator.args.keys():
        yield FieldError(f"{pointer}/args", f"{definition.title} needs `{name}`. Name a parameter for it.")
    for name in indicator.args.keys() - definition.arguments.keys():
        takes = _list(definition.arguments) or "none"
        yield FieldError(f"{pointer}/args/{name}", f"{definition.title} takes no `{name}`. It takes: {takes}.")
    if indicator.source is not None and not definition.takes_source:
        yield FieldError(f"{pointer}/source", f"{definition.title} has its own columns. Leave the source out.")
    if isinstance(indicator.source, Number):
        yield FieldError(f"{pointer}/source", "A number never changes. Compute from a price or an indicator.")


def _list(names: object) -> str:
    return ", ".join(f"`{name}`" for name in names)  # type: ignore[attr-defined]


def _numbers(specification: Specification) -> Errors:
    """Each parameter suits every place that it is named in."""
    for piece in pieces(specification):
        for field, name in names_of(piece.part):
            detail = _unsuited(piece, field, specification.parameters[name])
            if detail:
                yield FieldError(f"{piece.pointer}/{field}", f"`{name}`: {detail}")
    if specification.hold:
        detail = _not_bars(specification.parameters[specification.hold])
        if detail:
            yield FieldError("/hold", f"`{specification.hold}`: {detail}")


def _unsuited(piece: Piece, field: str, parameter: Parameter) -> str:
    match piece.part:
        case Indicator():
            argument = REGISTRY[piece.part.name].arguments[field.removeprefix("args/")]
            return _not_argument(parameter, argument)
        case Trend() | Within() | Held():
            return _not_bars(parameter)
        case Number():
            return "a length of time is not a value. Give it another unit." if parameter.unit in TIMES else ""
        case Stop() | Target() if field == "period":
            return _not_bars(parameter)
        case _:
            return "" if parameter.value > 0 else "use a value above 0."


def _not_argument(parameter: Parameter, argument: Argument) -> str:
    if argument.unit == "bars":
        found = _not_bars(parameter)
        if found or parameter.unit in TIMES:
            return found
    fits = argument.low <= parameter.value <= argument.high
    return "" if fits else f"use a value from {argument.low:g} to {argument.high:g}."


def _not_bars(parameter: Parameter) -> str:
    if parameter.value <= 0:
        return "use a length above 0."
    if parameter.unit in TIMES:
        return ""
    if parameter.unit not in ("", "bars"):
        return f"use a number of bars or a length of time, not {parameter.unit}."
    return "" if parameter.value == int(parameter.value) else "use a whole number of bars."


def _orders(specification: Specification) -> Errors:
    """Stop, target and size have what they need."""
    stop, target, sizing = specification.stop, specification.target, specification.sizing
    if stop:
        yield from _needs("/stop", stop, {"percent": "distance", "atr": "distance period", "swing": "period"})
    if target:
        yield from _needs("/target", target, {"atr": "distance period"})
        if target.kind == "risk" and stop is None:
            yield FieldError("/target/kind", "A target in multiples of the risk needs a stop. Add `stop`.")
    for name, part in (("stop", stop), ("target", target)):
        if part and part.fixed and specification.long and specification.short:
            yield FieldError(f"/{name}/fixed", "One price cannot serve both sides. Give a distance.")
    if sizing.kind == "risk" and stop is None:
        yield FieldError("/sizing/kind", "Sizing by risk needs a stop. Add `stop`, or size by a fraction.")


def _needs(pointer: str, part: Stop | Target, needed: dict[str, str]) -> Errors:
    wanted = needed.get(part.kind, "distance").split()
    for name in wanted:
        if getattr(part, name) is None:
            yield FieldError(f"{pointer}/{name}", f"A {part.kind} {pointer[1:]} needs `{name}`. Name a parameter.")
    if part.fixed and (part.kind != "price" or getattr(part, "trailing", False)):
        yield FieldError(f"{pointer}/fixed", "Only a price that stays is fixed. Leave it out.")
    if part.period is not None and "period" not in wanted:
        yield FieldError(f"{pointer}/period", f"A {part.kind} {pointer[1:]} has no period. Leave it out.")


def _shares(specification: Specification) -> Errors:
    """Shares of something are no more than the whole."""
    sizing, stop = specification.sizing, specification.stop
    amount = specification.parameters[sizing.amount]
    if sizing.kind in ("fraction", "risk") and share(amount, sizing) > 1:
        yield FieldError("/sizing/amount", f"`{sizing.amount}`: use at most 100 percent, or 1 without a unit.")
    if stop and stop.kind == "percent" and stop.distance and specification.parameters[stop.distance].value >= 100:
        yield FieldError("/stop/distance", f"`{stop.distance}`: use less than 100 percent.")


def share(amount: Parameter, sizing: Sizing) -> float:
    """A fraction or a risk as a share of the equity: a risk is told in percent, a fraction only if its unit says so."""
    return amount.value * (0.01 if is_percent(amount, sizing) else 1)


def is_percent(amount: Parameter, sizing: Sizing) -> bool:
    return amount.unit == "percent" or (sizing.kind == "risk" and amount.unit != "ratio")


Rule = Callable[[Specification], Errors]
RULES: tuple[Rule, ...] = (_size, _sides, _parameters, _named, _indicators, _orders)
# These look into what the others have found in order.
DEEPER_RULES: tuple[Rule, ...] = (_numbers, _shares)
