"""The methods that open positions, move stops and close what has been held for long enough."""

from __future__ import annotations

from backtests.rbi.generator.expressions import Back, Writer
from backtests.rbi.generator.plan import Plan
from backtests.rbi.spec import Indicator, Price, Specification, Stop, Target, is_percent

SIDES = ("long", "short")
# Nearer than a thousandth of the price a target is within the spread, and backtesting.py refuses the order.
CLEAR = {"long": " * 0.999", "short": " * 1.001"}


class Orders:
    """Writes them for a specification."""

    def __init__(self, specification: Specification, plan: Plan, writer: Writer) -> None:
        self._specification = specification
        self._plan = plan
        self._writer = writer

    @property
    def both(self) -> bool:
        """Whether positions of one side can meet those of the other."""
        return bool(self._specification.long and self._specification.short)

    def open_position(self, side: str) -> list[str]:
        """`open_long` or `open_short`."""
        stop, target = self._specification.stop, self._specification.target
        size = self._size()
        lines = ["price = self.data.Close[-1]"] if stop or target or "price" in size else []
        lines += [f"stop = {self.stop_price(side, stop)}"] if stop else []
        lines += [f"target = {self._target_price(side, target)}"] if target else []
        lines += self._refusal(side)
        if self._specification.sizing.kind != "fraction":
            lines += [f"size = {size}", "if size < 1:", "    return"]
            size = "size"
        lines += ["self.position.close()"] if self.both else []
        call = {"long": "buy", "short": "sell"}[side]
        given = [f"size={size}", *(["sl=stop"] if stop else []), *(["tp=target"] if target else [])]
        return [f"def open_{side}(self):", *_indented([*lines, f"self.{call}({', '.join(given)})"])]

    def _refusal(self, side: str) -> list[str]:
        """Leave when the levels are not known yet, or on the wrong side of the price."""
        stop = ["stop"] if self._specification.stop else []
        target = [f"target{CLEAR[side]}"] if self._specification.target else []
        order = [*stop, "price", *target] if side == "long" else [*target, "price", *stop]
        return [f"if not 0 < {' < '.join(order)}:", "    return"] if stop or target else []

    def stop_price(self, side: str, stop: Stop) -> str:
        """Where the stop lies for a price."""
        if stop.kind != "swing":
            return self._moved(-1 if side == "long" else 1, stop)
        name, column = ("lowest", "low") if side == "long" else ("highest", "high")
        swing = Indicator(name=name, args={"period": stop.period or ""}, source=Price(column=column))  # type: ignore[arg-type]
        level = self._writer.operand(swing, Back())
        return f"{level} * (1 {'-' if side == 'long' else '+'} self.{stop.distance} / 100)" if stop.distance else level

    def _target_price(self, side: str, target: Target) -> str:
        if target.kind == "risk":
            return f"price + self.{target.distance} * (price - stop)"
        return self._moved(1 if side == "long" else -1, target)

    def _moved(self, way: int, part: Stop | Target) -> str:
        sign, distance = "+" if way > 0 else "-", f"self.{part.distance}"
        if part.kind == "percent":
            return f"price * (1 {sign} {distance} / 100)"
        if part.fixed:
            return distance
        if part.kind == "price":
            return f"price {sign} {distance}"
        atr = Indicator(name="atr", args={"period": part.period or ""})
        return f"price {sign} {distance} * {self._writer.operand(atr, Back())}"

    def _size(self) -> str:
        sizing = self._specification.sizing
        if sizing.kind == "risk":
            return "self.size_for(price, stop)"
        if sizing.kind == "cash":
            return "self.size_for(price)"
        if sizing.kind == "units":
            return f"round(self.{sizing.amount} / self.traded_unit)"
        amount = self._specification.parameters[sizing.amount]
        return f"min(self.{sizing.amount}{' / 100' if is_percent(amount, sizing) else ''}, 0.9999)"

    def size_for(self) -> list[str]:
        """The number of units, where it follows from the price."""
        sizing = self._specification.sizing
        if sizing.kind == "cash":
            head, units = "def size_for(self, price):", f"self.{sizing.amount} / self.traded_unit / price"
            text = "Units for the amount, and no more than the account carries."
        elif sizing.kind == "risk":
            head = "def size_for(self, price, stop):"
            share = " / 100" if is_percent(self._specification.parameters[sizing.amount], sizing) else ""
            units = f"self.equity * self.{sizing.amount}{share} / abs(price - stop)"
            text = "Units that lose the risked part of the equity at the stop, if the account carries them."
        else:
            return []
        room = "# Two percent are left for costs and for a gap to the next open."
        most = "most = 0.98 * self.most_leverage * self.equity / price"
        return [head, *_indented([f'"""{text}"""', room, most, f"return int(min({units}, most))"])]

    def trail_stops(self) -> list[str]:
        """Move the stops of open trades, if they trail."""
        stop = self._specification.stop
        if not stop or not stop.trailing:
            return []
        lines = ['"""Let the stops follow the price, never back."""', "price = self.data.Close[-1]"]
        lines += ["for trade in self.trades:"]
        for side, sign in (("long", ">"), ("short", "<")):
            if getattr(self._specification, side):
                moved = [f"stop = {self.stop_price(side, stop)}", f"if stop {sign} trade.sl:", "    trade.sl = stop"]
                lines += _indented([f"if trade.is_{side}:", *_indented(moved)])
        return ["def trail_stops(self):", *_indented(lines)]

    def close_old_trades(self) -> list[str]:
        """Close what has been held for long enough, if there is such a limit."""
        if not self._specification.hold:
            return []
        held = f"if len(self.data) - trade.entry_bar >= {self._plan.count(self._specification.hold)}:"
        lines = ["for trade in self.trades:", f"    {held}", "        trade.close()"]
        return ["def close_old_trades(self):", *_indented(lines)]


def _indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]
