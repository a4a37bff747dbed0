"""What a text says, before its numbers become parameters: values, conditions and statements."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from backtests.rbi.indicators import REGISTRY

Way = Literal["over", "under", "either"]


class Unclear(Exception):
    """It can be read and means nothing that runs. The hint says what would."""

    def __init__(self, hint: str) -> None:
        super().__init__(hint)
        self.hint = hint


@dataclass(frozen=True)
class Length:
    """A number of bars, or a time."""

    value: float
    unit: str = "bars"


@dataclass(frozen=True)
class Amount:
    """A number. `kind`: what it was written with."""

    value: float
    kind: Literal["", "percent", "money", "multiple", "risk"] = ""


@dataclass(frozen=True)
class Column:
    name: str
    ago: int = 0


@dataclass(frozen=True)
class Line:
    """A line of an indicator with the arguments that were given, in their order."""

    name: str
    output: str = ""
    args: tuple[tuple[str, Length | float], ...] = ()
    source: Operand | None = None
    ago: int = 0
    # `its`: computed from what it is compared with.
    its: bool = False

    @property
    def line(self) -> str:
        return REGISTRY[self.name].output(self.output).name


@dataclass(frozen=True)
class Math:
    left: Operand
    sign: str
    right: Operand


@dataclass(frozen=True)
class Cloud:
    """Both spans of the Ichimoku."""


@dataclass(frozen=True)
class It:
    """What was spoken of last."""


Operand = Amount | Column | Line | Math | Cloud | It


@dataclass(frozen=True)
class Comparison:
    left: Operand
    sign: str
    right: Operand


@dataclass(frozen=True)
class Crossing:
    left: Operand
    way: Way
    right: Operand
    # Known by its name only, as a golden cross is: of the averages that the text spoke of, else of the usual ones.
    usual: bool = False


@dataclass(frozen=True)
class Movement:
    operand: Operand
    way: Literal["rising", "falling"]
    # None: it was not said for how long.
    length: Length | None = None


@dataclass(frozen=True)
class Over:
    """`recent`: now or within the last so many bars; `lasting`: on each of them."""

    kind: Literal["recent", "lasting"]
    condition: Condition
    length: Length


@dataclass(frozen=True)
class Times:
    first: int = 0
    last: int = 23
    days: tuple[int, ...] = ()


@dataclass(frozen=True)
class Seen:
    """A pattern on this bar."""

    pattern: Line
    ago: int = 0


@dataclass(frozen=True)
class Same:
    """The condition that a rule before said of an indicator."""

    of: Line


@dataclass(frozen=True)
class Several:
    kind: Literal["all", "any"]
    of: tuple[Condition, ...]


@dataclass(frozen=True)
class NotSo:
    condition: Condition


@dataclass(frozen=True)
class Applied:
    """A predicate on a left side; without one it is on that of the condition before.

    `again`: nothing was said that it crosses, so that it may be what it crossed before. `closes`: of the price.
    `own`: it needs a subject of its own, since `up 5%` without one is said of a trade. `colour`: green or red.
    """

    predicate: Callable[[Operand | None], Condition]
    left: Operand | None = None
    again: Way | None = None
    closes: bool = False
    denied: bool = False
    own: bool = False
    colour: bool = False


Condition = Comparison | Crossing | Movement | Over | Times | Seen | Same | Several | NotSo | Applied


@dataclass(frozen=True)
class Statement:
    """One rule. `side` and `trailing` come from its head, `start` and `end` are its place in the text.

    `closes`: the side whose exit a level is, where its head says so.
    """

    kind: str
    condition: Condition | None = None
    operand: Operand | None = None
    length: Length | None = None
    side: str = ""
    closes: str = ""
    trailing: bool = False
    start: int = 0
    end: int = 0


@dataclass
class Notes:
    """What was assumed, by name: the value and why."""

    found: dict[str, tuple[str, str]] = field(default_factory=dict)

    def add(self, name: str, value: str, why: str) -> None:
        self.found.setdefault(name, (value, why))


def with_lines(condition: Condition, change: Callable[[Line], Line]) -> Condition:
    """The same with every indicator changed."""
    match condition:
        case Comparison() | Crossing():
            left, right = operand_with(condition.left, change), operand_with(condition.right, change)
            return replace(condition, left=left, right=right)
        case Movement():
            return replace(condition, operand=operand_with(condition.operand, change))
        case Several():
            return replace(condition, of=tuple(with_lines(part, change) for part in condition.of))
        case NotSo() | Over():
            return replace(condition, condition=with_lines(condition.condition, change))
    return condition


def operand_with(operand: Operand, change: Callable[[Line], Line]) -> Operand:
    """A value with every indicator in it changed."""
    match operand:
        case Line():
            source = operand.source
            return change(replace(operand, source=operand_with(source, change)) if source is not None else operand)
        case Math():
            return replace(operand, left=operand_with(operand.left, change), right=operand_with(operand.right, change))
    return operand


def shifted(condition: Condition, bars: int) -> Condition:
    """The same so many bars earlier."""
    match condition:
        case Comparison() | Crossing():
            return replace(condition, left=earlier(condition.left, bars), right=earlier(condition.right, bars))
        case Movement():
            return replace(condition, operand=earlier(condition.operand, bars))
        case Seen():
            return replace(condition, ago=condition.ago + bars)
        case Several():
            return replace(condition, of=tuple(shifted(part, bars) for part in condition.of))
        case NotSo() | Over():
            return replace(condition, condition=shifted(condition.condition, bars))
        case Applied():
            return replace(condition, predicate=lambda left: shifted(condition.predicate(left), bars))
    raise Unclear("A time of day cannot lie bars ago.")


def earlier(operand: Operand, bars: int) -> Operand:
    """The value of so many bars before."""
    match operand:
        case Column() | Line():
            return replace(operand, ago=operand.ago + bars)
        case Math():
            return replace(operand, left=earlier(operand.left, bars), right=earlier(operand.right, bars))
        case Cloud():
            raise Unclear("Name the span: the cloud has two lines.")
    return operand
