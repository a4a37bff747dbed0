"""Every piece of a specification with a JSON pointer to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pydantic import BaseModel

from backtests.rbi.indicators import REGISTRY
from backtests.rbi.spec.shapes import Indicator, Part, Price, Specification, Stop, Target

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
