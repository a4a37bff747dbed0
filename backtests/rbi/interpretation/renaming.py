"""Other names for the parameters of a condition, so that two blueprints' numbers do not mix."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

from backtests.rbi.spec import Indicator, Part, Specification, names_of

AnyPart = TypeVar("AnyPart", bound=Part)


def renamed(part: AnyPart, names: Mapping[str, str]) -> AnyPart:
    """The same part with other parameters."""
    changed: dict[str, object] = {}
    for field in type(part).model_fields:
        value = getattr(part, field)
        if isinstance(value, Part):
            changed[field] = renamed(value, names)
        elif isinstance(value, tuple):
            changed[field] = tuple(renamed(one, names) if isinstance(one, Part) else one for one in value)
        elif isinstance(part, Indicator) and field == "args":
            changed[field] = {arg: names.get(name, name) for arg, name in part.args.items()}
    for field, name in names_of(part):
        if not field.startswith("args/"):
            changed[field] = names.get(name, name)
    return part.model_copy(update=changed)


def swapped(specification: Specification, kind: str, parameters: set[str]) -> Specification:
    """Averages whose length is one of the parameters become averages of that kind."""
    changed = {
        side: _swapped(part, kind, parameters)
        for side in ("long", "short")
        if (part := getattr(specification, side)) is not None
    }
    return specification.model_copy(update=changed)


def _swapped(part: AnyPart, kind: str, parameters: set[str]) -> AnyPart:
    changed: dict[str, object] = {}
    for field in type(part).model_fields:
        value = getattr(part, field)
        if isinstance(value, Part):
            changed[field] = _swapped(value, kind, parameters)
        elif isinstance(value, tuple):
            changed[field] = tuple(_swapped(one, kind, parameters) if isinstance(one, Part) else one for one in value)
    if isinstance(part, Indicator) and part.name in AVERAGES and part.args.get("period") in parameters:
        changed["name"] = kind
    return part.model_copy(update=changed)


AVERAGES = frozenset({"sma", "ema", "wma", "hma", "dema", "tema"})


def used_in(part: Part) -> Iterator[str]:
    """The parameters of a part and of those within."""
    yield from (name for _, name in names_of(part))
    for field in type(part).model_fields:
        value = getattr(part, field)
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, Part):
                yield from used_in(one)
