"""The numbers of indicators that a text gives once, wherever they belong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from backtests.rbi.grammar.book import lines_in
from backtests.rbi.grammar.conditions import lines_of
from backtests.rbi.grammar.sides import Unfit
from backtests.rbi.grammar.tree import Line, Statement, operand_with, with_lines
from backtests.rbi.indicators import REGISTRY


def with_numbers(statements: Sequence[Statement]) -> list[Statement]:
    """An indicator that is named with numbers once has them everywhere: `RSI(2) below 10 … RSI above 70`."""
    statements = [_named(found, statements) if _is_bare(found) else found for found in statements]
    lines = list(_lines(statements))
    given = {line.name: {other.args for other in lines if other.name == line.name and other.args} for line in lines}

    def change(line: Line) -> Line:
        return (
            replace(line, args=next(iter(given[line.name]))) if not line.args and len(given[line.name]) == 1 else line
        )

    made = [_changed(found, change) for found in statements]
    for found in made:
        _check_used(found, made)
    return made


def _changed(found: Statement, change: Callable[[Line], Line]) -> Statement:
    return replace(
        found,
        condition=with_lines(found.condition, change) if found.condition else None,
        operand=operand_with(found.operand, change) if found.operand else None,
    )


def _lines(statements: Sequence[Statement]) -> Iterator[Line]:
    for found in statements:
        yield from lines_of(found.condition)
        yield from lines_in(found.operand)


def _is_bare(found: Statement) -> bool:
    return found.kind == "setting" and found.operand is None


def _named(found: Statement, statements: Sequence[Statement]) -> Statement:
    """`length 10`: of the one indicator that has none."""
    open_names = {line.name for line in _lines(statements) if not line.args and _counts(line)}
    if len(open_names) != 1 or found.length is None:
        raise Unfit("Say of which indicator, as in: RSI length 10.", found)
    name = open_names.pop()
    return replace(found, operand=Line(name, args=((REGISTRY[name].args[0].name, found.length),)), length=None)


def _counts(line: Line) -> bool:
    return bool(REGISTRY[line.name].args) and REGISTRY[line.name].args[0].whole


def _check_used(found: Statement, statements: Sequence[Statement]) -> None:
    """Numbers that no rule takes would be left out in silence."""
    if found.kind != "setting" or not isinstance(found.operand, Line):
        return
    others = [one for one in statements if one.kind != "setting"]
    if not any((line.name, line.args) == (found.operand.name, found.operand.args) for line in _lines(others)):
        raise Unfit("No rule takes these numbers: write them behind the indicator in its rule.", found)
