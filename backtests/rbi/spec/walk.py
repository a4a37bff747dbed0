"""Every piece of a specification with a JSON pointer to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pydantic import BaseModel

from backtests.rbi.indicators import REGISTRY
from backtests.rbi.spec.shapes import Indicator, Parameter, Part, Price, Specification, Stop, Target

# A column of the bars for what is computed from others.
MADE_OF = {"typical": ("high", "low", "close"), "middle": ("high", "low")}


class Piece(NamedTuple):
    """A part, where it stands, and how many parts it stands in."""

    pointer: str
    part: Part
    depth: int


def pieces(specification: Specification) -> Iterator[Piece]:
    """All parts but the parameters, from the outside to the inside."""
    for name in ("long", "short", "stop", "target", "sizing"):
        part = getattr(specification, name)
        if part is not None:
            yield from _within(Piece(f"/{name}", part, 0))


def _within(piece: Piece) -> Iterator[Piece]:
    yield piece
    for name in type(piece.part).model_fields:
        value = getattr(piece.part, name)
        if isinstance(value, BaseModel):
            yield from _within(Piece(f"{piece.pointer}/{name}", value, piece.depth + 1))  # type: ignore[arg-type]
        elif isinstance(value, tuple):
            for place, part in enumerate(value):
                if isinstance(part, Part):
                    yield from _within(Piece(f"{piece.pointer}/{name}/{place}", part, piece.depth + 1))


def columns_of(specification: Specification) -> set[str]:
    """The columns that its bars must have."""
    found = {"open", "high", "low", "close"}
    for piece in pieces(specification):
        part = piece.part
        if isinstance(part, Price):
            found |= set(MADE_OF.get(part.column, (part.column,)))
        elif isinstance(part, Indicator):
            columns = REGISTRY[part.name].columns
            found |= set(columns[1:] if part.source else columns) - {"index"}
    return found


def parameters_of(specification: Specification) -> dict[str, Parameter]:
    """The parameters in the order in which the rules name them: stores of JSON do not keep the one they came in."""
    named = [name for piece in pieces(specification) for _, name in _sorted_names(piece.part)]
    wanted = dict.fromkeys([*named, *([specification.hold] if specification.hold else [])])
    rest = sorted(set(specification.parameters) - set(wanted))
    return {name: specification.parameters[name] for name in [*wanted, *rest]}


def _sorted_names(part: Part) -> list[tuple[str, str]]:
    found = list(names_of(part))
    if not isinstance(part, Indicator):
        return found
    order = [f"args/{arg.name}" for arg in REGISTRY[part.name].args]
    return sorted(found, key=lambda pair: order.index(pair[0]))


def names_of(part: Part) -> Iterator[tuple[str, str]]:
    """The parameters that a part names itself, each with the field that does so."""
    match part:
        case Indicator():
            yield from ((f"args/{name}", parameter) for name, parameter in part.args.items())
        case Stop() | Target():
            yield from ((name, value) for name in ("distance", "period") if (value := getattr(part, name)))
        case _:
            fields = ("parameter", "bars", "amount")
            yield from ((name, value) for name in fields if (value := getattr(part, name, None)))
