"""What a text spoke of last, by which its shorter sentences are understood."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from backtests.rbi.grammar.channels import check_line
from backtests.rbi.grammar.fusing import AVERAGES
from backtests.rbi.grammar.predicates import kind_of
from backtests.rbi.grammar.tree import (
    Amount,
    Applied,
    Column,
    Comparison,
    Condition,
    Crossing,
    It,
    Length,
    Line,
    Movement,
    Notes,
    NotSo,
    Operand,
    Over,
    Same,
    Several,
    Unclear,
)


@dataclass
class Context:
    """What the text spoke of last: `RSI crosses above 30 … when it crosses below 70`."""

    notes: Notes
    # The subject, and what a condition compared it with.
    left: Operand | None = None
    right: Operand | None = None
    # The subject before the condition that is being read.
    before: Operand | None = None
    crossing: Crossing | None = None
    # By indicator what the rules that open a position say of it.
    told: dict[tuple[str, str], Comparison | Crossing] = field(default_factory=dict)

    # Every comparison of those rules.
    compared: list[Comparison | Crossing] = field(default_factory=list)
    # What was called green or red.
    coloured: Operand | None = None
    # Whether a rule that opens a position is being read.
    opens: bool = False

    def opening(self, condition: Condition) -> Condition:
        """The condition of a rule that opens a position, resolved."""
        self.opens = True
        try:
            return self.resolved(condition)
        finally:
            self.opens = False

    def resolved(self, condition: Condition) -> Condition:
        """With every predicate on its left side, which a sentence says only once: `RSI below 30 or above 70`."""
        match condition:
            case Applied():
                return self._applied(condition)
            case Same():
                return self._same(condition.of)
            case Several():
                return _checked(replace(condition, of=tuple(self.resolved(part) for part in condition.of)))
            case NotSo() | Over():
                return replace(condition, condition=self.resolved(condition.condition))
            case Comparison() | Crossing():
                return self._remembered(condition)
            case Movement():
                check_line(condition.operand)
                self.right = None
        return condition

    def _remembered(self, condition: Comparison | Crossing) -> Condition:
        if isinstance(condition, Crossing) and condition.usual:
            condition = self._named(condition)
        if isinstance(condition.right, It):
            condition = replace(condition, right=self._it(condition.left))
        check_line(condition.left, condition.right)
        self.left, self.right = condition.left, condition.right
        self.crossing = condition if isinstance(condition, Crossing) else self.crossing
        if self.opens:
            self.compared.append(condition)
        if isinstance(condition.left, Line) and self.opens:
            self.told[condition.left.name, condition.left.line] = condition
        return condition

    def _named(self, cross: Crossing) -> Crossing:
        """`50 day SMA crosses above 200 day SMA … sell on a death cross`: of the same two averages."""
        spoken = self.crossing
        pair = _by_period(spoken.left, spoken.right) if spoken else None
        if pair is None:
            self.notes.add("golden or death cross", "SMA 50 and 200", "These are the usual averages.")
            return replace(cross, usual=False)
        return Crossing(pair[0], cross.way, pair[1])

    def _same(self, line: Line) -> Condition:
        if (line.name, line.line) not in self.told:
            raise Unclear("Say the condition again: nothing was said of this indicator before.")
        return self.told[line.name, line.line]

    def level(self, value: float) -> Comparison | Crossing:
        """`sell at 70`: the one indicator that was compared with a number comes to this one.

        To a level between those at which longs and shorts are opened it comes from both sides.
        """
        told = [(one.left, one.right.value) for one in self.told.values() if isinstance(one.right, Amount)]
        if len(told) != 1 or told[0][1] == value:
            raise Unclear("Say when, as in: exit when RSI is above 70, or take profit 5%.")
        left, before = told[0]
        if abs(value) > max(100.0, 5 * abs(before)):
            raise Unclear("Say of what this is the level, as in: sell when close is above 35000.")
        others = [one.right.value for one in self.compared if one.left == left and isinstance(one.right, Amount)]
        if min(others) < value < max(others):
            return Crossing(left, "either", Amount(value))
        return Comparison(left, ">=" if value > before else "<=", Amount(value))

    def _it(self, left: Operand) -> Operand:
        """What was spoken of before, if that was one thing only."""
        single = self.right is None or isinstance(self.right, Amount)
        if not single or self.before is None or self.before == left:
            raise Unclear("Say what `it` is.")
        return self.before

    def _applied(self, applied: Applied) -> Condition:
        said: Operand | None = None if isinstance(applied.left, It) else applied.left
        if said is None and applied.closes:
            said = Column("close")
        if said is None and applied.again and self.crossing is not None:
            return replace(self.crossing, way=applied.again)
        if said is None and applied.again and len(self.compared) == 1:
            # `buy when it closes above the SMA, sell when it closes below`.
            return Crossing(self.compared[0].left, applied.again, self.compared[0].right)
        if said is None and applied.own:
            raise Unclear("Say what rises or falls, as in: price rises 5% in 3 bars. For a trade say take profit 5%.")
        if applied.colour:
            self.coloured = said or self.coloured
            said = self.coloured
        subject, before, self.before = said or self.left, self.right, self.left
        found = self._said_of(subject, applied)
        if said is None and _is_price_at_number(found) and not isinstance(before, Amount):
            subject = self._numbered()
            found = self._said_of(subject, applied)
        # It stays the subject even where its condition is one of another value: `ichimoku is bullish`.
        self.left = subject or self.left
        return NotSo(found) if applied.denied else found

    def _numbered(self) -> Operand:
        """`RSI is below 30 and the close above its SMA … sell above 70`: what was compared with a number before."""
        told = [one.left for one in self.told.values() if isinstance(one.right, Amount)]
        if len(told) != 1:
            raise Unclear("Say of what this is the level, as in: RSI is above 70.")
        return told[0]

    def _said_of(self, subject: Operand | None, applied: Applied) -> Condition:
        """`RSI is above 50 … when it loses the VWAP`: what can only be the price is the price."""
        try:
            return self.resolved(applied.predicate(subject))
        except Unclear:
            if not isinstance(applied.left, It) or subject == Column("close"):
                raise
        return self.resolved(applied.predicate(Column("close")))


def _checked(several: Several) -> Several:
    """Raises Unclear for what is never true: `the previous RSI was below 30 and now above 30`."""
    compared = [part for part in several.of if isinstance(part, Comparison)] if several.kind == "all" else []
    lows = [part for part in compared if part.sign[0] == ">"]
    for high in (part for part in compared if part.sign[0] == "<"):
        if any(low.left == high.left and _is_beyond(low.right, high.right) for low in lows):
            raise Unclear("Both are never true on one bar. Say of which bar each is: RSI 1 bar ago is below 30.")
    return several


def _is_beyond(low: Operand, high: Operand) -> bool:
    if isinstance(low, Amount) and isinstance(high, Amount):
        return low.kind == high.kind and low.value >= high.value
    return low == high


def _by_period(*sides: Operand) -> tuple[Line, Line] | None:
    """Two averages of stated lengths in one unit, the shorter first."""
    found = []
    for side in sides:
        length = dict(side.args).get("period") if isinstance(side, Line) and side.name in AVERAGES else None
        if isinstance(side, Line) and isinstance(length, Length):
            found.append((length.unit, length.value, side))
    if len(found) != 2 or found[0][0] != found[1][0]:
        return None
    fast, slow = sorted(found, key=lambda one: one[1])
    return fast[2], slow[2]


def _is_price_at_number(condition: Condition) -> bool:
    if not isinstance(condition, Comparison | Crossing):
        return False
    return kind_of(condition.left) == "price" and condition.right == Amount(getattr(condition.right, "value", 0.0))
