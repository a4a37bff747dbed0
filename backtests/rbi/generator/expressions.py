"""Operands and conditions as Python expressions for the bar that has just closed, or one before it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from backtests.rbi.generator.layout import Denied, Over, Source, joined
from backtests.rbi.generator.plan import COLUMNS, Plan
from backtests.rbi.spec import (
    All,
    Any,
    Compare,
    Condition,
    Cross,
    During,
    Held,
    Not,
    Number,
    Operand,
    Price,
    Signal,
    Sum,
    Trend,
    Within,
)
from backtests.rbi.spec.walk import MADE_OF

OPPOSITE = {">": "<=", ">=": "<", "<": ">=", "<=": ">"}
LOOPS = "ijkmnpqrtuvw"


@dataclass(frozen=True)
class Back:
    """How many bars before the last one: a number, and the variables of the loops around it.

    `reach` has how far each of those loops goes at most.
    """

    bars: int = 0
    loops: tuple[str, ...] = ()
    reach: tuple[str, ...] = ()

    def index(self) -> str:
        return f"[{' - '.join([str(-1 - self.bars), *self.loops])}]"

    def before(self, bars: int) -> Back:
        return replace(self, bars=self.bars + bars)

    def looped(self, reach: str) -> Back:
        return replace(self, loops=(*self.loops, LOOPS[len(self.loops)]), reach=(*self.reach, reach))


class Writer:
    """Writes expressions and remembers in `needed` how many bars each of them looks at."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        # By how far the loops around a value reach: how many bars beside those it takes.
        self.needed: dict[tuple[str, ...], int] = {}

    def most_needed(self) -> str:
        """The expression for the number of bars that the rules look at."""
        texts = [" + ".join([*reach, str(bars)]) for reach, bars in self.needed.items()]
        return texts[0] if len(texts) == 1 else f"max({', '.join(texts)})"

    def operand(self, operand: Operand, back: Back) -> str:
        """The value of an operand at a bar."""
        match operand:
            case Number():
                return f"self.{operand.parameter}"
            case Sum():
                return f"({self.operand(operand.left, back)} {operand.sign} {self.operand(operand.right, back)})"
        at = back.before(operand.ago)
        self._need(at)
        if not isinstance(operand, Price):
            return self._plan.indicator(operand) + at.index()
        parts = [COLUMNS[part] + at.index() for part in MADE_OF.get(operand.column, (operand.column,))]
        return parts[0] if len(parts) == 1 else f"({' + '.join(parts)}) / {len(parts)}"

    def _need(self, at: Back) -> None:
        if at.reach or at.bars > 1:
            self.needed[at.reach] = max(at.bars + 1, self.needed.get(at.reach, 0))

    def condition(self, condition: Condition, back: Back = Back()) -> Source:
        """Whether a condition holds at a bar."""
        match condition:
            case All() | Any():
                parts = [self.condition(part, back) for part in condition.of]
                return joined("and" if isinstance(condition, All) else "or", parts)
            case Not():
                return self._denied(condition.condition, back)
            case Within() | Held() | Trend():
                return self._over(condition, back)
            case During():
                return self._during(condition, back)
            case Signal():
                return f"{self.operand(condition.indicator, back)} > 0"
            case Compare():
                return self._compared(condition, condition.sign, back)
        return self._cross(condition, back)

    def _compared(self, pair: Compare | Cross, sign: str, back: Back) -> str:
        return f"{self._side(pair.left, back)} {sign} {self._side(pair.right, back)}"

    def _side(self, operand: Operand, back: Back) -> str:
        text = self.operand(operand, back)
        return text[1:-1] if isinstance(operand, Sum) else text

    def _cross(self, cross: Cross, back: Back) -> Source:
        first, last = ("<=", ">") if cross.way == "over" else (">=", "<")
        return joined("and", [self._compared(cross, first, back.before(1)), self._compared(cross, last, back)])

    def _denied(self, condition: Condition, back: Back) -> Source:
        """The opposite. Comparisons are turned round, so that one with an unknown value stays false."""
        match condition:
            case Compare():
                return self._compared(condition, OPPOSITE[condition.sign], back)
            case All() | Any():
                parts = [self._denied(part, back) for part in condition.of]
                return joined("or" if isinstance(condition, All) else "and", parts)
            case Not():
                return self.condition(condition.condition, back)
        return Denied(self.condition(condition, back))

    def _over(self, condition: Within | Held | Trend, back: Back) -> Over:
        count = self._plan.count(condition.bars)
        inside = back.looped(count)
        loop = f"for {inside.loops[-1]} in range({count}{' + 1' if isinstance(condition, Within) else ''})"
        if isinstance(condition, Trend):
            now, then = self._side(condition.operand, inside), self._side(condition.operand, inside.before(1))
            return Over("all", f"{now} {'>' if condition.way == 'rising' else '<'} {then}", loop)
        return Over(
            "any" if isinstance(condition, Within) else "all", self.condition(condition.condition, inside), loop
        )

    def _during(self, during: During, back: Back) -> Source:
        parts: list[Source] = []
        if (during.first, during.last) != (0, 23):
            hour = self._plan.time("hour") + back.index()
            self._need(back)
            inside = during.first <= during.last
            parts.append(
                f"{during.first} <= {hour} <= {during.last}"
                if inside
                else f"not {during.last} < {hour} < {during.first}"
            )
        if during.weekdays:
            days = ", ".join(str(day) for day in sorted(set(during.weekdays)))
            parts.append(f"{self._plan.time('weekday')}{back.index()} in ({days},)")
            self._need(back)
        return joined("and", parts or ["True"])
