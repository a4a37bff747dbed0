"""What is said of a value: functions that give a condition once the value is known."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from backtests.rbi.grammar.channels import check_line, edge
from backtests.rbi.grammar.tree import (
    Amount,
    Applied,
    Cloud,
    Column,
    Comparison,
    Condition,
    Crossing,
    Length,
    Line,
    Math,
    Movement,
    Operand,
    Several,
    Unclear,
    Way,
    earlier,
)
from backtests.rbi.indicators import REGISTRY

CLOSE = Column("close")
ZERO = Amount(0)
# Where an oscillator is called oversold and overbought.
EXTREMES = {
    "rsi": (30, 70),
    "stochastic": (20, 80),
    "stoch_rsi": (20, 80),
    "mfi": (20, 80),
    "ultimate": (30, 70),
    "cci": (-100, 100),
    "williams_r": (-80, -20),
    "cmo": (-50, 50),
    "tsi": (-25, 25),
}
# The line that another line of the same indicator is watched against.
SIGNALS = {
    ("macd", "line"): "signal",
    ("ppo", "line"): "signal",
    ("trix", "line"): "signal",
    ("tsi", "line"): "signal",
    ("stochastic", "k"): "d",
    ("stoch_rsi", "k"): "d",
    ("ichimoku", "conversion"): "base",
    ("adx", "plus"): "minus",
    ("aroon", "up"): "down",
    ("vortex", "plus"): "minus",
}
FIRST = {"adx": "plus"}
SPANS = (Line("ichimoku", "span_a"), Line("ichimoku", "span_b"))


def compared(sign: str, right: Operand) -> Applied:
    """Above or below something."""
    return Applied(lambda left: comparison(left or CLOSE, sign, right))


def comparison(left: Operand, sign: str, right: Operand) -> Condition:
    """One side against the other, with what depends on both put right."""
    if isinstance(right, Cloud):
        return Several("all", tuple(comparison(left, sign, span) for span in SPANS))
    if isinstance(left, Cloud):
        return Several("all", tuple(comparison(span, sign, right) for span in SPANS))
    left, right = _together(left, edge(right, up=sign[0] == ">"))
    return Comparison(left, sign, right)


def crossed(way: Way, right: Operand) -> Applied:
    """Crosses something."""
    return Applied(lambda left: crossing(left or CLOSE, way, right))


def crossing(left: Operand, way: Way, right: Operand) -> Condition:
    """The left side crosses the right one. A cloud is left behind when the second of its spans is."""
    if isinstance(right, Cloud):
        sign = "<" if way == "under" else ">"
        beyond = Several("all", tuple(comparison(left, sign, span) for span in SPANS))
        return Several("all", (beyond, Several("any", tuple(crossing(left, way, span) for span in SPANS))))
    left, right = _together(left, right if way == "either" else edge(right, up=way == "over"))
    return Crossing(left, way, right)


def _together(left: Operand, right: Operand) -> tuple[Operand, Operand]:
    right = _its(left, right)
    if isinstance(left, Column) and isinstance(right, Line) and right.name in ("highest", "lowest") and not right.ago:
        right = replace(right, ago=left.ago + 1)
    right = _fraction(left, right)
    kinds = {kind_of(left), kind_of(right)} - {"", "ratio"}
    if len(kinds) > 1:
        raise Unclear(f"One side is {' and the other '.join(sorted(kinds))}. Compare values of one unit.")
    if isinstance(right, Amount) and right.kind == "percent" and kind_of(left) in ("price", "volume"):
        raise Unclear("Say percent of what, as in: 3% above the 20 SMA, or rises 3% in 5 bars.")
    if left == right:
        raise Unclear("Both sides are the same. Give each of them its length.")
    return left, right


def _fraction(left: Operand, right: Operand) -> Operand:
    """Funding and relative volume are fractions, whether or not they are told in percent."""
    is_fraction = left == Column("funding") or (isinstance(left, Line) and left.name == "relative_volume")
    if is_fraction and isinstance(right, Amount) and right.kind == "percent":
        return Amount(round(right.value / 100, 12))
    return right


def _its(left: Operand, right: Operand) -> Operand:
    """`its average`, and an average that volume is compared with: computed from the left side."""
    if isinstance(right, Math):
        return replace(right, left=_its(left, right.left), right=_its(left, right.right))
    if not isinstance(right, Line):
        return right
    if isinstance(left, Line) and right.output and right.name != left.name:
        own = {line.name for line in REGISTRY[left.name].outputs}
        if right.output in own and right.output == "signal":
            return replace(left, output=right.output, ago=right.ago)
    if isinstance(left, Line) and right.name == left.name and not right.args:
        return replace(right, args=left.args, source=right.source or left.source, its=False)
    takes = REGISTRY[right.name].takes_source and right.source is None
    if takes and (right.its or kind_of(left) == "volume" or _is_other_column(left)):
        return average_of(left, right)
    return right


def _is_other_column(operand: Operand) -> bool:
    return isinstance(operand, Column) and operand.name in ("funding", "open_interest", "liquidations")


def average_of(operand: Operand, line: Line) -> Line:
    """A line over something else than the close; that of the volume has a name of its own."""
    if operand == Column("volume") and line.name == "sma":
        return replace(line, name="volume_average", its=False)
    if isinstance(operand, Column | Line):
        operand = replace(operand, ago=0)
    return replace(line, source=None if operand == CLOSE else operand, its=False)


def kind_of(operand: Operand) -> str:
    """What it is counted in, if that is known: price, volume, or the scale of an oscillator."""
    match operand:
        case Column():
            others = ("volume", "funding", "open_interest", "liquidations")
            return operand.name.replace("_", " ") if operand.name in others else "price"
        case Line():
            unit = REGISTRY[operand.name].output(operand.output).unit
            if unit == "source":
                return kind_of(operand.source) if operand.source else "price"
            if unit in ("ratio", "count", "yes") or operand.name in ("macd", "atr"):
                return ""
            return "an oscillator" if unit == "percent" else str(unit)
        case Math():
            return kind_of(operand.left) if operand.sign in "+-" else kind_of(operand.left) or kind_of(operand.right)
    return ""


def way_through(operand: Operand) -> Way:
    """A high is broken upwards and a low downwards; anything else as the side that is opened wants it."""
    check_line(operand)
    if isinstance(operand, Line):
        floor = operand.name == "lowest" or operand.line in ("lower", "s1", "s2", "low")
        ceiling = operand.name == "highest" or operand.line in ("upper", "r1", "r2", "high")
        return "under" if floor else "over" if ceiling else "either"
    if isinstance(operand, Column) and operand.name in ("high", "low"):
        return "over" if operand.name == "high" else "under"
    return "either"


def outside(band: Operand) -> Applied:
    """Above an upper band, below a lower one."""
    check_line(band)
    if not isinstance(band, Line) or band.line not in ("upper", "lower"):
        raise Unclear("Say above or below.")
    return replace(compared(">" if band.line == "upper" else "<", band), closes=True)


def signal(way: Way, *, itself: bool = False) -> Applied:
    """Crosses without saying what: the indicator's own signal line.

    `itself`: the dots of the parabolic SAR jump over the price, which is not the price crossing them.
    """

    def make(left: Operand | None) -> Condition:
        if isinstance(left, Line):
            first = replace(left, output=left.output or FIRST.get(left.name, ""))
            other = SIGNALS.get((first.name, first.line))
            if other:
                return Crossing(first, way, replace(first, output=other))
        if isinstance(left, Line) and left.name == "sar" and itself:
            return Crossing(left, way, CLOSE)
        if isinstance(left, Line) and left.name in ("supertrend", "sar"):
            return Crossing(CLOSE, way, left)
        raise Unclear("Say what it crosses, as in: crosses above 30.")

    return Applied(make, again=way)


def bullish(*, up: bool, turns: bool = False) -> Applied:
    """Green or red, by what the indicator itself calls so."""

    def make(left: Operand | None) -> Condition:
        pair = _sides(left)
        if turns:
            return crossing(pair[0], "over" if up else "under", pair[1])
        return comparison(pair[0], ">" if up else "<", pair[1])

    return Applied(make, colour=True)


def _sides(left: Operand | None) -> tuple[Operand, Operand]:
    if left is None or left == CLOSE:
        return CLOSE, Column("open")
    if isinstance(left, Cloud) or (isinstance(left, Line) and left.name == "ichimoku" and not left.output):
        return CLOSE, Cloud()
    if isinstance(left, Line):
        first = replace(left, output=left.output or FIRST.get(left.name, ""))
        other = SIGNALS.get((first.name, first.line))
        if other:
            return first, replace(first, output=other)
        if left.name in ("supertrend", "sar", "vwap"):
            return CLOSE, left
        if left.name == "heikin_ashi":
            return replace(left, output="close"), replace(left, output="open")
        if (left.name, left.output) in (("macd", "histogram"), ("awesome", ""), ("cmf", ""), ("ppo", "histogram")):
            return left, ZERO
    raise Unclear("Say it with a number, as in: is above 50.")


def extreme(*, over: bool, turns: bool = False) -> Applied:
    """Oversold or overbought."""

    def make(left: Operand | None) -> Condition:
        line = left if isinstance(left, Line) else Line("rsi")
        if (left is not None and not isinstance(left, Line) and left != CLOSE) or line.name not in EXTREMES:
            raise Unclear("Say from which value on, as in: is below 30.")
        level = Amount(EXTREMES[line.name][over])
        if turns:
            return Crossing(line, "over" if over else "under", level)
        return Comparison(line, ">" if over else "<", level)

    return Applied(make)


def touches(right: Operand, way: str = "") -> Applied:
    """The bar reaches a line from the side that the line stands on; `way`: an oscillator goes `up` or `down` to it."""

    def make(left: Operand | None) -> Condition:
        if isinstance(left, Line) and isinstance(right, Amount):
            return _reached(left, right, way)
        if left is not None and left not in (CLOSE, Column("high"), Column("low")):
            raise Unclear("Only a price touches something. Say crosses above or crosses below.")
        level = cast(Line, _together(CLOSE, right)[1])
        upper = isinstance(right, Line) and (right.line in ("upper", "r1", "r2") or right.name == "highest")
        lower = isinstance(right, Line) and (right.line in ("lower", "s1", "s2") or right.name == "lowest")
        reached = Comparison(Column("high"), ">=", level), Comparison(Column("low"), "<=", level)
        if upper or lower:
            return reached[0] if upper else reached[1]
        return Several("all", reached)

    return Applied(make)


def record(line: Line) -> Applied:
    """A new high or low of so many bars, of the price or of an indicator."""
    up = line.name == "highest"

    def make(left: Operand | None) -> Condition:
        if left is None or (kind_of(left) == "price" and isinstance(left, Column)):
            return comparison(line.source or Column("high" if up else "low"), ">" if up else "<", line)
        return Comparison(left, ">" if up else "<", replace(line, source=left, ago=1))

    return Applied(make)


def _reached(line: Line, level: Amount, way: str) -> Condition:
    """`RSI hits 30`: from above, since that lies below its middle."""
    low, high = EXTREMES.get(line.name, (0, 0))
    upwards = way == "up" if way else 2 * level.value > low + high
    if not way and (low == high or 2 * level.value == low + high):
        raise Unclear("Say which way, as in: crosses above 30 or crosses below 30.")
    return comparison(line, ">=" if upwards else "<=", level)


def moved(operand: Operand, percent: float) -> Math:
    """So many percent above something; below for a negative number."""
    return Math(operand, "*", Amount(round(1 + percent / 100, 10), "multiple"))


def moves(percent: float, length: Length, *, up: bool) -> Applied:
    """The change over a time."""

    def make(left: Operand | None) -> Condition:
        source = None if left is None or left == CLOSE else left
        line = Line("roc", args=(("period", length),), source=source)
        return Comparison(line, ">" if up else "<", Amount(percent if up else -percent, "percent"))

    return Applied(make, own=True)


def trending(*, up: bool) -> Applied:
    """Rising or falling."""
    return Applied(lambda left: Movement(_moving(left), "rising" if up else "falling"))


def _moving(left: Operand | None) -> Operand:
    if isinstance(left, Amount):
        raise Unclear("Say what rises or falls and over how long, as in: price falls 5% in 3 bars.")
    return left or CLOSE


def in_trend(*, up: bool) -> Applied:
    """An average may trend as it rises. That a price does needs a measure: its last bar is none."""

    def make(left: Operand | None) -> Condition:
        if left is None or isinstance(left, Column) or (isinstance(left, Line) and left.line in ("upper", "lower")):
            raise Unclear(f"Say by what, as in: close is {'above' if up else 'below'} the 200 SMA.")
        return Movement(_moving(left), "rising" if up else "falling")

    return Applied(make)


def turning(*, up: bool) -> Applied:
    """Rises after it fell, or the reverse."""
    return Applied(lambda left: Crossing(_moving(left), "over" if up else "under", earlier(left or CLOSE, 1)))


def against_zero(way: Way, *, turns: bool) -> Applied:
    """Positive or negative."""

    def make(left: Operand | None) -> Condition:
        if left is None or kind_of(left) == "price":
            raise Unclear("Say what is positive or negative: a price always is positive.")
        return Crossing(left, way, ZERO) if turns else Comparison(left, ">" if way == "over" else "<", ZERO)

    return Applied(make)


def between(low: Operand, high: Operand) -> Applied:
    """From the one to the other."""
    return Applied(
        lambda left: Several("all", (comparison(left or CLOSE, ">=", low), comparison(left or CLOSE, "<=", high)))
    )
