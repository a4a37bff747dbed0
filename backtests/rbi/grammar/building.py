"""From statements to a specification."""

from __future__ import annotations

from collections.abc import Sequence

from backtests.rbi import spec
from backtests.rbi.grammar.book import Book, lines_in
from backtests.rbi.grammar.conditions import Conditions, lines_of
from backtests.rbi.grammar.given import with_numbers
from backtests.rbi.grammar.levels import Levels
from backtests.rbi.grammar.meaning import FEW_RANGES
from backtests.rbi.grammar.sides import Sided, Sides, Unfit
from backtests.rbi.grammar.tree import (
    Amount,
    Column,
    Length,
    Line,
    Math,
    Notes,
    Operand,
    Statement,
    Unclear,
)
from backtests.rbi.indicators import REGISTRY

LONGEST_NAME = 60
# The one argument of the ATR, and of the highest and lowest of some bars.
PERIOD = REGISTRY["atr"].args[0]
SIZES = ("fraction", "risk", "cash", "units")


def build(text: str, statements: Sequence[Statement], notes: Notes) -> spec.Specification:
    """The specification of a text. Raises Unfit or Unclear for what does not fit together."""
    return _Builder(text, statements, notes).built()


class _Builder:
    def __init__(self, text: str, statements: Sequence[Statement], notes: Notes) -> None:
        self._text = text
        self._notes = notes
        self._all = _with_one_stop(with_numbers([_told(statement) for statement in statements]))

    def built(self) -> spec.Specification:
        long, short = Sides(self._all, self._notes).long_and_short()
        if long is None and short is None:
            raise Unclear("Say when to buy or to go short, as in: buy when RSI(14) crosses below 30.")
        self._book = Book(self._lines(long, short), self._notes)
        self._conditions = Conditions(self._book, self._notes)
        self._levels = Levels(long, short)
        stop, sizing = self._stop(), self._sizing()
        if sizing.kind == "risk" and stop is None:
            stop = self._assumed_stop()
        return spec.Specification(
            name=_title(self._text),
            description=" ".join(self._text.split())[:2000],
            parameters=self._book.parameters,
            long=self._side(long, up=True),
            short=self._side(short, up=False),
            stop=stop,
            target=self._target(),
            hold=self._hold(),
            sizing=sizing,
        )

    def _lines(self, *sides: Sided | None) -> list[Line]:
        conditions = [condition for side in sides if side for condition in (side.entry, side.exit)]
        lines = [line for condition in conditions for line in lines_of(condition)]
        return [*lines, *(line for statement in self._all for line in lines_in(statement.operand))]

    def _side(self, side: Sided | None, *, up: bool) -> spec.Side | None:
        if side is None:
            return None
        entry = self._conditions.condition(side.entry, up=up)
        return spec.Side(entry=entry, exit=self._conditions.condition(side.exit, up=None) if side.exit else None)

    def _one(self, *kinds: str) -> Statement | None:
        found = [statement for statement in self._all if statement.kind in kinds]
        if len(found) > 1:
            raise Unfit(f"A strategy has one {_called(kinds[0])}. Leave the others out.", found[1])
        return found[0] if found else None

    def _stop(self) -> spec.Stop | None:
        found = self._one("stop")
        return self._stop_at(found) if found else None

    def _stop_at(self, found: Statement) -> spec.Stop:
        operand, prefix = found.operand, "trail" if found.trailing else "stop"
        swing, away = _swing(operand)
        if swing is not None:
            self._levels.check_swing(found, swing.name)
            period = self._book.argument(swing, PERIOD)
            given = spec.Parameter(value=away, low=0.1, high=50, step=0.1, unit="percent")
            distance = self._book.name(f"{prefix}_percent", given) if away else None
            return spec.Stop(kind="swing", period=period, distance=distance, trailing=found.trailing)
        price = self._levels.price(found)
        if price is not None:
            return spec.Stop(kind="price", distance=self._book.name("stop_price", price), fixed=True)
        kind, distance, period_name = self._distance(found, prefix)
        return spec.Stop(kind=kind, distance=distance, period=period_name, trailing=found.trailing)  # type: ignore[arg-type]

    def _target(self) -> spec.Target | None:
        found = self._one("target")
        if found is None:
            return None
        if isinstance(found.operand, Amount) and found.operand.kind == "risk":
            if not any(statement.kind == "stop" for statement in self._all):
                raise Unfit("A target in multiples of the risk needs a stop: add one, as in stop 2 ATR.", found)
            bounds = spec.Parameter(value=found.operand.value, low=0.5, high=20, step=0.5, unit="ratio")
            return spec.Target(kind="risk", distance=self._book.name("target_risk", bounds))
        price = self._levels.price(found)
        if price is not None:
            return spec.Target(kind="price", distance=self._book.name("target_price", price), fixed=True)
        kind, distance, period = self._distance(found, "target")
        return spec.Target(kind=kind, distance=distance, period=period)  # type: ignore[arg-type]

    def _distance(self, found: Statement, prefix: str) -> tuple[str, str, str | None]:
        operand = found.operand
        ranges = _ranges(operand)
        if ranges:
            atr, times = ranges
            amount = spec.Parameter(value=times, low=0.5, high=max(10, times), step=0.5, unit="atr")
            return "atr", self._book.name(f"{prefix}_atr", amount), self._book.argument(atr, PERIOD)
        if isinstance(operand, Amount) and operand.kind in ("percent", "money") and operand.value > 0:
            return self._plain_distance(operand, prefix, found)
        raise Unfit("Say how far away, as in 3%, 2 ATR or 100 USD.", found)

    def _plain_distance(self, amount: Amount, prefix: str, found: Statement) -> tuple[str, str, str | None]:
        if amount.kind == "money":
            return "price", self._book.name(f"{prefix}_usd", spec.Parameter(value=amount.value, unit="usd")), None
        if found.kind == "stop" and amount.value >= 100:
            raise Unfit("A stop lies less than 100% away.", found)
        high = max(99.0 if found.kind == "stop" else 1000.0, amount.value)
        given = spec.Parameter(value=amount.value, low=min(0.1, amount.value), high=high, step=0.5, unit="percent")
        return "percent", self._book.name(f"{prefix}_percent", given), None

    def _hold(self) -> str | None:
        found = self._one("hold")
        if found is None or found.length is None:
            return None
        unit = found.length.unit
        return self._book.length(f"hold_{unit}", found.length, high=100_000)

    def _sizing(self) -> spec.Sizing:
        found = self._one(*SIZES)
        if found is None:
            self._notes.add("equity_percent", "100", "No size was given: each position takes the whole equity.")
            found = Statement("fraction", operand=Amount(100, "percent"))
        value = found.operand.value if isinstance(found.operand, Amount) else 0.0
        if value <= 0 or (found.kind in ("fraction", "risk") and value > 100):
            raise Unfit("Use more than 0 and at most 100%.", found)
        name, unit = {
            "fraction": ("equity_percent", "percent"),
            "risk": ("risk_percent", "percent"),
            "cash": ("position_usd", "usd"),
            "units": ("position_units", "units"),
        }[found.kind]
        bounds = {"low": min(0.1, value), "high": 100.0, "step": 0.5 if found.kind == "risk" else 5.0}
        given = {"value": value, "unit": unit, **(bounds if unit == "percent" else {})}
        return spec.Sizing(kind=found.kind, amount=self._book.name(name, spec.Parameter.model_validate(given)))  # type: ignore[arg-type]

    def _assumed_stop(self) -> spec.Stop:
        self._notes.add("stop", "2 ATR", "Sizing by risk needs a stop, and none was given.")
        return self._stop_at(Statement("stop", operand=Math(Line("atr"), "*", Amount(2, "multiple"))))


def _with_one_stop(statements: list[Statement]) -> list[Statement]:
    """`SL 6%, trail it 6%`: a stop that trails begins where the other one stays."""
    trailing = [found.operand for found in statements if found.kind == "stop" and found.trailing]
    return [found for found in statements if found.kind != "stop" or found.trailing or found.operand not in trailing]


def _called(kind: str) -> str:
    return {"fraction": "size", "hold": "time exit"}.get(kind, kind)


def _told(statement: Statement) -> Statement:
    """A stop or target at a line instead of at a distance is an exit there."""
    operand = statement.operand
    if statement.kind not in ("stop", "target") or isinstance(operand, Amount) or _ranges(operand):
        return statement
    if statement.kind == "stop" and _swing(operand)[0] is not None:
        return statement
    if statement.trailing:
        raise Unfit("Say how far behind, as in trailing stop 3% or 2 ATR.", statement)
    return Statement("level", operand=operand, side=statement.kind, start=statement.start, end=statement.end)


def _ranges(operand: Operand | None) -> tuple[Line, float] | None:
    """So many times the ATR."""
    match operand:
        case Line(name="atr", args=(("period", Length(value=value, unit="bars")),), ago=0) if value < FEW_RANGES:
            return Line("atr"), value
        case Line(name="atr", ago=0):
            return operand, 1.0
        case Math(left=Line(name="atr") as line, sign="*", right=Amount(value=value)):
            return line, value
        case Math(left=Amount(value=value), sign="*", right=Line(name="atr") as line):
            return line, value
    return None


def _swing(operand: Operand | None) -> tuple[Line | None, float]:
    """The lowest low of some bars, and how many percent beyond it."""
    match operand:
        case Math(left=inner, sign="*", right=Amount(value=factor, kind="multiple")) if factor != 1:
            line, _ = _swing(inner)
            return line, round(abs(1 - factor) * 100, 10)
        case Line(name="lowest" | "highest", source=None):
            return operand, 0.0
        case Column(name="low" | "high"):
            name = "lowest" if operand.name == "low" else "highest"
            return Line(name, args=(("period", Length(operand.ago + 1)),)), 0.0
    return None, 0.0


def _title(text: str) -> str:
    shown = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    if len(shown) <= LONGEST_NAME:
        return shown.rstrip(" .,;") or "Strategy"
    return shown[:LONGEST_NAME].rsplit(" ", 1)[0].rstrip(" .,;") + "…"
