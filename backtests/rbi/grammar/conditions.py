"""Conditions of a text as those of a specification."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from backtests.rbi import spec
from backtests.rbi.grammar.book import Book, lines_in
from backtests.rbi.grammar.tree import (
    Amount,
    Cloud,
    Column,
    Comparison,
    Condition,
    Crossing,
    Length,
    Line,
    Math,
    Movement,
    Notes,
    NotSo,
    Operand,
    Over,
    Seen,
    Several,
    Times,
    Unclear,
)
from backtests.rbi.indicators import REGISTRY


class Conditions:
    """Writes them for one side, whose entry or exit decides what `crosses` alone means."""

    def __init__(self, book: Book, notes: Notes) -> None:
        self._book = book
        self._notes = notes

    def condition(self, condition: Condition, *, up: bool | None) -> spec.Condition:
        """`up`: where no way was said, whether it is the way up; None: each way counts."""
        match condition:
            case Several():
                parts = tuple(self.condition(part, up=up) for part in condition.of)
                return spec.All(of=parts) if condition.kind == "all" else spec.Any(of=parts)
            case NotSo():
                return spec.Not(condition=self.condition(condition.condition, up=up))
            case Comparison():
                return self._comparison(condition)
            case Crossing():
                return self._crossing(condition, up=up)
            case Movement() | Over():
                return self._lasting(condition, up=up)
        return self._simple(condition)

    def _comparison(self, condition: Comparison) -> spec.Compare:
        end = "above" if ">" in condition.sign else "below"
        left, right = self._sides(condition.left, condition.right, end)
        return spec.Compare(left=left, sign=condition.sign, right=right)  # type: ignore[arg-type]

    def _crossing(self, condition: Crossing, *, up: bool | None) -> spec.Cross | spec.Any:
        way = condition.way
        if way == "either" and up is None:
            both = (self._crossing(replace(condition, way=one), up=None) for one in ("over", "under"))
            return spec.Any(of=tuple(both))
        if way == "either":
            way = "over" if up else "under"
            self._notes.add("cross", way, f"It was not said which way it crosses: {way} is taken.")
        left, right = self._sides(condition.left, condition.right, "above" if way == "over" else "below")
        return spec.Cross(left=left, way=way, right=right)

    def _sides(self, left: Operand, right: Operand, end: str) -> tuple[spec.Operand, spec.Operand]:
        other = {"above": "below", "below": "above"}[end]
        return self.operand(left, f"{stem_of(right)}_{other}"), self.operand(right, f"{stem_of(left)}_{end}")

    def _lasting(self, condition: Movement | Over, *, up: bool | None) -> spec.Condition:
        if isinstance(condition, Movement):
            length, name = condition.length, f"{stem_of(condition.operand)}_{condition.way}_bars"
            if length is None:
                self._notes.add(name, "1", f"It was not said for how long it is {condition.way}.")
            elif length.unit != "bars":
                told = f"{condition.way} on each bar of that time"
                self._notes.add(name, told, "What rises or falls is looked at from bar to bar.")
            bars = self._book.length(name, length or Length(1), high=200)
            return spec.Trend(operand=self.operand(condition.operand, "level"), way=condition.way, bars=bars)
        inner = self.condition(condition.condition, up=up)
        if condition.kind == "recent":
            return spec.Within(condition=inner, bars=self._book.length("within_bars", condition.length, high=200))
        return spec.Held(condition=inner, bars=self._book.length("held_bars", condition.length, high=200))

    def _simple(self, condition: Condition) -> spec.Condition:
        if isinstance(condition, Times):
            return spec.During(first=condition.first, last=condition.last, weekdays=condition.days)
        if isinstance(condition, Seen):
            return spec.Signal(indicator=self._line(condition.pattern).model_copy(update={"ago": condition.ago}))
        raise Unclear("Say when, with an indicator, a price and a number.")

    def operand(self, operand: Operand, name: str) -> spec.Operand:
        """A value; `name` is what its number is called if it is one."""
        match operand:
            case Amount(kind="risk"):
                raise Unclear("A multiple of the risk is for a target, as in: target 2R.")
            case Amount():
                return spec.Number(parameter=self._book.name(name, amount_parameter(operand, name)))
            case Column():
                return spec.Price(column=operand.name, ago=operand.ago)  # type: ignore[arg-type]
            case Line():
                return self._line(operand)
            case Math():
                stem = stem_of(operand.left)
                factor = f"{stem}_factor" if operand.sign in "*/" else f"{stem}_distance"
                left, right = self.operand(operand.left, f"{stem}_level"), self.operand(operand.right, factor)
                return spec.Sum(left=left, sign=operand.sign, right=right)  # type: ignore[arg-type]
            case Cloud():
                raise Unclear("Say that the price is above or below the cloud.")
        raise Unclear("Say what `it` is.")

    def _line(self, line: Line) -> spec.Indicator:
        definition = REGISTRY[line.name]
        if line.its:
            raise Unclear("Say of what it is the average, as in: the 20 SMA of the RSI.")
        args = {argument.name: self._book.argument(line, argument) for argument in definition.args}
        source = self.operand(line.source, "source") if line.source is not None else None
        output = line.line if len(definition.outputs) > 1 else ""
        return spec.Indicator(name=line.name, args=args, output=output, source=source, ago=line.ago)


def stem_of(operand: Operand) -> str:
    """The beginning of a parameter's name that says what it belongs to."""
    match operand:
        case Line():
            own = operand.line
            many = len(REGISTRY[operand.name].outputs) > 1 and own not in ("line", "k", "close")
            return f"{operand.name}_{own}" if many else operand.name
        case Column():
            return "price" if operand.name == "close" else operand.name
        case Math():
            return stem_of(operand.left)
    return "level"


def amount_parameter(amount: Amount, name: str) -> spec.Parameter:
    """A number with bounds that suit what it is compared with."""
    value = amount.value
    if amount.kind == "multiple":
        return spec.Parameter(value=value, low=value / 2, high=value * 2, step=0.05, unit="ratio")
    unit: spec.Unit = {"percent": "percent", "money": "usd"}.get(amount.kind, "")  # type: ignore[assignment]
    base = next((REGISTRY[key] for key in REGISTRY if name.startswith(key)), None)
    if base and base.outputs[0].unit == "percent" and -100 <= value <= 100:
        low = -100 if value < 0 or base.name in ("cmo", "tsi", "williams_r") else 0
        return spec.Parameter(value=value, low=low, high=0 if base.name == "williams_r" else 100, step=5, unit=unit)
    return spec.Parameter(value=value, unit=unit)


def lines_of(condition: Condition | None) -> Iterator[Line]:
    """Every indicator of a condition."""
    match condition:
        case Comparison() | Crossing():
            yield from lines_in(condition.left)
            yield from lines_in(condition.right)
        case Movement():
            yield from lines_in(condition.operand)
        case Seen():
            yield condition.pattern
        case Several():
            for part in condition.of:
                yield from lines_of(part)
        case NotSo() | Over():
            yield from lines_of(condition.condition)
