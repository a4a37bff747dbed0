"""Which numbers of a strategy stay in their order: a fast average that is slower than the slow one is another idea."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from backtests.engine.request import Value
from backtests.rbi.spec import Compare, Cross, Indicator, Number, Specification, pieces

# Arguments of one indicator, the shorter one first.
WITHIN = (("fast", "slow"), ("conversion", "base"), ("base", "span"))


@dataclass(frozen=True, slots=True)
class Order:
    """Pairs of parameters, the smaller one first, and the values that the strategy has."""

    pairs: tuple[tuple[str, str], ...]
    values: Mapping[str, float]

    @classmethod
    def of(cls, specification: Specification) -> Order:
        """Two lengths of one indicator, and two levels of one value, as RSI below 30 and above 70."""
        values = {name: parameter.value for name, parameter in specification.parameters.items()}
        pairs = {
            pair
            for names in _alike(specification)
            for pair in pairwise(sorted(names, key=lambda name: values[name]))
            if values[pair[0]] < values[pair[1]] and _unit(specification, pair[0]) == _unit(specification, pair[1])
        }
        return cls(tuple(sorted(pairs)), values)

    def holds(self, cell: Mapping[str, Value]) -> bool:
        """Whether these values, beside the strategy's own, keep the order."""
        now = {**self.values, **cell}
        return all(float(now[low]) < float(now[high]) for low, high in self.pairs)


def _unit(specification: Specification, name: str) -> str:
    return specification.parameters[name].unit


def _alike(specification: Specification) -> Iterator[Iterable[str]]:
    """Names of parameters that count the same thing."""
    lengths: dict[tuple[str, ...], set[str]] = {}
    levels: dict[str, set[str]] = {}
    for piece in pieces(specification):
        part = piece.part
        if isinstance(part, Indicator):
            source = part.source.model_dump_json() if part.source else ""
            for argument, name in part.args.items():
                lengths.setdefault((part.name, source, argument), set()).add(name)
            yield from ((part.args[one], part.args[two]) for one, two in WITHIN if {one, two} <= part.args.keys())
        elif isinstance(part, Compare | Cross) and isinstance(part.right, Number):
            levels.setdefault(part.left.model_dump_json(), set()).add(part.right.parameter)
    yield from lengths.values()
    yield from levels.values()
