"""What the registry knows of an indicator."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import FunctionType
from typing import Literal, cast

Family = Literal["average", "momentum", "volatility", "trend", "volume", "level", "pattern"]
# "source": that of what it is computed from. "yes": 1 where it is so, else 0.
Unit = Literal["price", "percent", "ratio", "volume", "count", "yes", "source"]
# What a function can be given: columns of the bars, and their times.
Column = Literal["open", "high", "low", "close", "volume", "index"]


@dataclass(frozen=True)
class Argument:
    """A number that an indicator takes. Those counted in bars may be told as a length of time."""

    name: str
    default: float
    low: float
    high: float
    unit: Literal["bars", "ratio"] = "bars"
    step: float = 1

    @property
    def whole(self) -> bool:
        return self.unit == "bars"


def counted(default: int, *, name: str = "period", low: int = 1, high: int = 2000) -> Argument:
    """An argument counted in bars."""
    return Argument(name, default, low, high)


def factor(name: str, default: float, low: float, high: float, step: float) -> Argument:
    """An argument that multiplies."""
    return Argument(name, default, low, high, "ratio", step)


@dataclass(frozen=True)
class Output:
    """One line of an indicator. `words` name this line and no other, in lower case."""

    name: str
    title: str
    unit: Unit
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Definition:
    """An indicator: how it is called, what it takes, and the function that computes it.

    `function` takes the columns, then the arguments, and returns one array (or a tuple of them, one for each output)
    as long as the bars, NaN while it warms up. Its value at a bar never depends on a later one. `formula` says in a
    sentence what it computes and whose it is.
    """

    name: str
    title: str
    family: Family
    function: Callable[..., object]
    columns: tuple[Column, ...]
    args: tuple[Argument, ...]
    outputs: tuple[Output, ...]
    words: tuple[str, ...]
    formula: str
    # The first column may be replaced by any other operand.
    takes_source: bool = False

    @property
    def arguments(self) -> Mapping[str, Argument]:
        return {argument.name: argument for argument in self.args}

    def output(self, name: str) -> Output:
        """The line of that name; the first one for an empty name."""
        return next((line for line in self.outputs if line.name == name), self.outputs[0])

    def functions(self) -> dict[str, FunctionType]:
        """By name: its function and the ones that it stands on, those first."""
        return _with_needed(cast(FunctionType, self.function))


@cache
def _with_needed(function: FunctionType) -> dict[str, FunctionType]:
    found: dict[str, FunctionType] = {}
    for node in ast.walk(ast.parse(inspect.getsource(function))):
        needed = function.__globals__.get(node.id) if isinstance(node, ast.Name) else None
        if inspect.isfunction(needed) and needed.__module__.startswith(__package__):
            found |= _with_needed(needed)
    return found | {function.__name__: function}


def code_of(function: Callable[..., object]) -> str:
    """The function as it stands in its module, for the module that a customer takes home."""
    return inspect.getsource(function).rstrip()
