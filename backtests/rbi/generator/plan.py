"""What a class has to set up in `init`: indicators, lengths of time in bars, hours and weekdays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import FunctionType
from typing import cast

from backtests.rbi.generator import pieces
from backtests.rbi.generator.names import Names
from backtests.rbi.indicators import REGISTRY, Definition, smoothing
from backtests.rbi.spec import Indicator, Number, Operand, Price, Specification, Sum
from backtests.rbi.spec.checks import RESERVED, TIMES
from backtests.rbi.spec.walk import MADE_OF

COLUMNS = {
    "open": "self.data.Open",
    "high": "self.data.High",
    "low": "self.data.Low",
    "close": "self.data.Close",
    "volume": "self.data.Volume",
    "funding": "self.data.Funding",
    "open_interest": "self.data.OpenInterest",
    "liquidations": "self.data.Liquidations",
    "index": "self.data.index",
}
METHODS = (
    *("enters_long", "enters_short", "exits_long", "exits_short", "open_long", "open_short", "trail_stops"),
    *("close_old_trades", "size_for", "I"),
)


@dataclass
class Call:
    """An indicator that `init` computes once: the call, and the attributes of those of its lines that are used."""

    definition: Definition
    arguments: str
    attributes: dict[str, str] = field(default_factory=dict)

    def source(self) -> str:
        """The assignment. Lines that nothing uses are not kept."""
        call = f"self.I({self.definition.function.__name__}{self.arguments})"
        lines = [line.name for line in self.definition.outputs]
        if len(lines) == 1:
            return f"self.{self.attributes[lines[0]]} = {call}"
        if len(self.attributes) == 1:
            ((line, attribute),) = self.attributes.items()
            return f"self.{attribute} = {call}[{lines.index(line)}]"
        targets = ", ".join(f"self.{self.attributes[line]}" if line in self.attributes else "_" for line in lines)
        return f"{targets} = {call}"


class Plan:
    """Names what a specification needs, once each. `functions` go above the class, `setup` into `init`."""

    def __init__(self, specification: Specification) -> None:
        self.parameters = specification.parameters
        self.functions: dict[str, FunctionType] = {}
        self._names = Names({*specification.parameters, *RESERVED, *METHODS})
        self._counts: dict[str, str] = {}
        self._times: dict[str, str] = {}
        self._calls: dict[str, Call] = {}
        self._lengths: list[str] = []

    @property
    def setup(self) -> list[str]:
        """The lines of `init`: lengths before the indicators that are computed over them."""
        return [*self._lengths, *(call.source() for call in self._calls.values())]

    def count(self, parameter: str) -> str:
        """The expression for a number of bars."""
        if parameter not in self._counts:
            self._counts[parameter] = self._count(parameter)
        return self._counts[parameter]

    def _count(self, name: str) -> str:
        parameter = self.parameters[name]
        if parameter.unit not in TIMES:
            return f"self.{name}" if parameter.whole else f"int(self.{name})"
        attribute = self._names.take(f"{name.removesuffix('_' + parameter.unit)}_bars")
        self._use(pieces.bars_in)
        self._lengths.append(f'self.{attribute} = bars_in(self.{name}, "{parameter.unit}", self.data.index)')
        return f"self.{attribute}"

    def time(self, part: str) -> str:
        """The attribute that has each bar's `hour` or `weekday`."""
        if part not in self._times:
            function = {"hour": pieces.hours, "weekday": pieces.weekdays}[part]
            self._use(function)
            self._times[part] = self._names.take(part)
            call = f'self.I({function.__name__}, self.data.index, name="{part}", plot=False)'
            self._lengths.append(f"self.{self._times[part]} = {call}")
        return f"self.{self._times[part]}"

    def indicator(self, indicator: Indicator) -> str:
        """The attribute of an indicator's line, however long ago."""
        definition = REGISTRY[indicator.name]
        arguments = self._arguments(indicator, definition)
        call = self._calls.setdefault(f"{indicator.name}{arguments}", Call(definition, arguments))
        for function in definition.functions().values():
            self._use(function)
        line = definition.output(indicator.output).name
        if line not in call.attributes:
            call.attributes[line] = self._names.take(*_wanted(indicator, line, definition))
        return f"self.{call.attributes[line]}"

    def _arguments(self, indicator: Indicator, definition: Definition) -> str:
        columns = [COLUMNS[column] for column in definition.columns]
        if indicator.source is not None:
            columns[0] = self.series(indicator.source)
        numbers = [
            self.count(indicator.args[argument.name]) if argument.whole else f"self.{indicator.args[argument.name]}"
            for argument in definition.args
        ]
        named = [f'name="{definition.name}"'] if "index" in definition.columns else []
        return "".join(f", {text}" for text in [*columns, *numbers, *named])

    def series(self, operand: Operand) -> str:
        """An operand over all bars, for an indicator that is computed from it."""
        match operand:
            case Number():
                return f"self.{operand.parameter}"
            case Sum():
                return f"({self.series(operand.left)} {operand.sign} {self.series(operand.right)})"
            case Price():
                return self._ago(whole_column(operand.column), operand.ago)
        return self._ago(self.indicator(operand), operand.ago)

    def _ago(self, text: str, bars: int) -> str:
        if bars:
            self._use(smoothing.shift)
        return f"shift({text}, {bars})" if bars else text

    def _use(self, function: Callable[..., object]) -> None:
        self.functions[function.__name__] = cast(FunctionType, function)


def whole_column(column: str) -> str:
    """A column of the bars as an array, computed from others if it must be."""
    if column not in MADE_OF:
        return COLUMNS[column]
    parts = [COLUMNS[part] for part in MADE_OF[column]]
    return f"({' + '.join(parts)}) / {len(parts)}"


def _wanted(indicator: Indicator, line: str, definition: Definition) -> tuple[str, ...]:
    """Names that say what it is: the shortest one first."""
    name = indicator.name if line == definition.outputs[0].name == "line" else f"{indicator.name}_{line}"
    first = next(iter(indicator.args.values()), "")
    stem = first.removesuffix("_period").removesuffix("_days")
    return (name, f"{name}_{stem}") if stem and stem not in name else (name,)
