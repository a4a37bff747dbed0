"""Stops and targets that are prices: `buy when it closes over 30,000, stop at 28,500`."""

from __future__ import annotations

from collections.abc import Iterator

from backtests.rbi.grammar.predicates import kind_of
from backtests.rbi.grammar.sides import Sided, Unfit
from backtests.rbi.grammar.tree import Amount, Comparison, Condition, Crossing, NotSo, Over, Several, Statement
from backtests.rbi.spec import Parameter

# No stop or target is further away than half of the price, so that a number beyond it is no distance.
NEAREST, FARTHEST = 0.5, 2.0


class Levels:
    """Knows the prices that the entries name."""

    def __init__(self, long: Sided | None, short: Sided | None) -> None:
        self._prices = [price for side in (long, short) if side for price in _prices(side.entry)]
        self._way = (1 if long else 0) - (1 if short else 0)

    def price(self, found: Statement) -> Parameter | None:
        """The price of a stop or target; None when its number is a distance. Raises Unfit for the wrong side."""
        amount = found.operand
        if not isinstance(amount, Amount) or amount.kind not in ("", "money") or found.trailing:
            return None
        entry = next((price for price in self._prices if NEAREST <= amount.value / price <= FARTHEST), None)
        if entry is None:
            return None
        if not self._way:
            raise Unfit("One price cannot serve long and short positions. Say how far away, as in 3%.", found)
        beyond = (amount.value - entry) * self._way
        if beyond == 0 or (beyond > 0) != (found.kind == "target"):
            raise Unfit("This price lies on the wrong side of the entry.", found)
        return Parameter(value=amount.value, unit="usd")

    def check_swing(self, found: Statement, swing: str) -> None:
        """Raise Unfit for a stop at the highs of longs, or at the lows of shorts; of both the line is that of longs."""
        if self._way == (1 if swing == "highest" else -1):
            raise Unfit("This price lies on the wrong side of the entry.", found)


def _prices(condition: Condition) -> Iterator[float]:
    match condition:
        case Comparison() | Crossing():
            is_price = kind_of(condition.left) == "price" and isinstance(condition.right, Amount)
            if is_price and isinstance(condition.right, Amount) and condition.right.value > 0:
                yield condition.right.value
        case Several():
            for part in condition.of:
                yield from _prices(part)
        case NotSo() | Over():
            yield from _prices(condition.condition)
