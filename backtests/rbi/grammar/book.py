"""Numbers of a text as named parameters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from backtests.rbi.grammar.tree import Length, Line, Math, Notes, Operand
from backtests.rbi.indicators import REGISTRY, Argument
from backtests.rbi.spec import Parameter, Unit

MINUTES = {"minutes": 1.0, "hours": 60.0, "days": 1440.0, "weeks": 10080.0}
# A form and an optimiser may go from a quarter of a length to four times it.
REACH = 4


class Book:
    """Gives each number a name, the same one for the same number in the same place."""

    def __init__(self, lines: Iterable[Line], notes: Notes) -> None:
        self.parameters: dict[str, Parameter] = {}
        self._notes = notes
        self._lengths = _lengths(lines)

    def name(self, wanted: str, parameter: Parameter) -> str:
        """The parameter's name: the wanted one, or that with a number if another value has it."""
        number = 1
        wanted = wanted[:36].rstrip("_")
        name = wanted
        while name in self.parameters and self.parameters[name] != parameter:
            number += 1
            name = f"{wanted}_{number}"
        self.parameters[name] = parameter
        return name

    def length(self, wanted: str, length: Length, *, low: float = 1, high: float = 2000) -> str:
        """A number of bars or a time."""
        return self.name(wanted, length_parameter(length, low, high))

    def argument(self, line: Line, argument: Argument) -> str:
        """A number of an indicator; what was not given is assumed."""
        given = dict(line.args).get(argument.name)
        stem = f"{line.name}_{argument.name}"
        if given is None:
            title = REGISTRY[line.name].title
            self._notes.add(stem, f"{argument.default:g}", f"The usual number of {title}; none was given.")
            given = Length(argument.default) if argument.whole else argument.default
        if isinstance(given, Length):
            others = self._lengths[stem]
            if len(others) == 2:
                stem = f"{'fast' if given == others[0] else 'slow'}_{stem}"
            return self.length(stem, given, low=argument.low, high=argument.high)
        low, high = min(given, argument.low), max(given, argument.high)
        return self.name(stem, Parameter(value=given, low=low, high=high, step=argument.step, unit="ratio"))


def length_parameter(length: Length, low: float = 1, high: float = 2000) -> Parameter:
    """A whole number of bars, or a time that becomes bars of whatever data the strategy runs on."""
    value = length.value
    if length.unit == "bars":
        least, most = max(low, value // REACH), min(high, value * REACH)
        step = max(1, value // REACH)
        return Parameter(value=value, low=min(least, value), high=max(most, value), step=step, whole=True, unit="bars")
    unit: Unit = length.unit  # type: ignore[assignment]
    whole = value == int(value)
    least = max(1.0, value // REACH) if whole else value / REACH
    return Parameter(value=value, low=least, high=value * REACH, step=max(1.0, value // REACH), whole=whole, unit=unit)


def _lengths(lines: Iterable[Line]) -> dict[str, list[Length]]:
    """Of each argument counted in bars: the different lengths it has, shortest first."""
    found: dict[str, set[Length]] = defaultdict(set)
    for line in lines:
        given = dict(line.args)
        for argument in REGISTRY[line.name].args:
            value = given.get(argument.name, Length(argument.default))
            if argument.whole and isinstance(value, Length):
                found[f"{line.name}_{argument.name}"].add(value)
    order: dict[str, list[Length]] = defaultdict(list)
    order.update({name: sorted(lengths, key=_minutes) for name, lengths in found.items()})
    return order


def _minutes(length: Length) -> tuple[float, float]:
    """In an order that is right within a unit; bars are taken to be short."""
    return MINUTES.get(length.unit, 0.0) * length.value, length.value


def lines_in(operand: Operand | None) -> Iterator[Line]:
    """Every indicator of an operand."""
    match operand:
        case Line():
            yield operand
            yield from lines_in(operand.source)
        case Math():
            yield from lines_in(operand.left)
            yield from lines_in(operand.right)
