"""The other side of a rule: what a short does where a long buys."""

from __future__ import annotations

from dataclasses import replace

from backtests.rbi.grammar.predicates import kind_of
from backtests.rbi.grammar.tree import (
    Amount,
    Column,
    Comparison,
    Condition,
    Crossing,
    Line,
    Math,
    Movement,
    NotSo,
    Operand,
    Over,
    Seen,
    Several,
    Way,
)
from backtests.rbi.indicators import REGISTRY

FLIPPED = {">": "<", ">=": "<=", "<": ">", "<=": ">="}
WAYS: dict[Way, Way] = {"over": "under", "under": "over", "either": "either"}
# They say how much, not which way: a short wants the same.
NEUTRAL = frozenset(
    {"atr", "atr_percent", "stdev", "volatility", "choppiness", "volume_average", "relative_volume", "percent_rank"}
)
BOUNDS = {"upper": "lower", "r1": "s1", "r2": "s2"}
# Lines of which each side has one of its own, so that the comparison stays as it is.
TWINS = {"plus": "minus", "up": "down", "green": "red", "higher": "lower"}
PATTERNS = {"bullish": "bearish", "hammer": "star", "morning": "evening", "soldiers": "crows", "up": "down"}
SWAPS = {"high": "low", "highest": "lowest"}


def _both_ways(pairs: dict[str, str]) -> dict[str, str]:
    return pairs | {last: first for first, last in pairs.items()}


BOTH_BOUNDS, BOTH_TWINS, BOTH_PATTERNS, BOTH_SWAPS = map(_both_ways, (BOUNDS, TWINS, PATTERNS, SWAPS))


def mirrored(condition: Condition) -> Condition:
    """The condition with up and down exchanged."""
    match condition:
        case Comparison() | Crossing():
            return _pair(condition)
        case Movement():
            if is_neutral(condition.operand):
                return condition
            return replace(condition, way="falling" if condition.way == "rising" else "rising")
        case Seen():
            other = BOTH_PATTERNS.get(condition.pattern.line, condition.pattern.line)
            return replace(condition, pattern=replace(condition.pattern, output=other))
        case Several():
            return replace(condition, of=tuple(mirrored(part) for part in condition.of))
        case NotSo() | Over():
            return replace(condition, condition=mirrored(condition.condition))
    return condition


def _pair(pair: Comparison | Crossing) -> Condition:
    left, right = pair.left, pair.right
    if is_neutral(left):
        return pair
    if is_twin(left):
        return replace(pair, left=mirrored_operand(left), right=mirrored_operand(right))
    if isinstance(left, Math) and left.sign == "-" and kind_of(right) == "":
        return replace(pair, left=Math(left.right, "-", left.left))
    left, right = mirrored_operand(left), _level(left, right)
    if isinstance(pair, Crossing):
        return Crossing(left, WAYS[pair.way], right)
    return Comparison(left, FLIPPED[pair.sign], right)


def is_neutral(operand: Operand) -> bool:
    """Whether it says nothing of up and down."""
    match operand:
        case Column():
            return operand.name in ("volume", "open_interest", "liquidations")
        case Line():
            quiet = operand.name in NEUTRAL or (operand.name, operand.line) in (
                ("adx", "line"),
                ("bollinger", "bandwidth"),
            )
            return quiet or (operand.source is not None and is_neutral(operand.source))
        case Math():
            is_range = operand == Math(Column("high"), "-", Column("low"))
            return is_range or (is_neutral(operand.left) and is_neutral(operand.right))
    return False


def is_twin(operand: Operand) -> bool:
    return (
        isinstance(operand, Line)
        and operand.line in BOTH_TWINS
        and operand.name not in ("bollinger", "keltner", "donchian")
    )


def mirrored_operand(operand: Operand) -> Operand:
    """Highs as lows, upper bands as lower ones, above as below."""
    match operand:
        case Column():
            return replace(operand, name=BOTH_SWAPS.get(operand.name, operand.name))
        case Line():
            return _line(operand)
        case Math():
            return _math(operand)
    return operand


def _line(line: Line) -> Line:
    source = mirrored_operand(line.source) if line.source is not None else None
    swapped = BOTH_SWAPS.get(line.name, line.name)
    names = {other.name for other in REGISTRY[line.name].outputs}
    for pairs in (BOTH_BOUNDS, BOTH_TWINS, BOTH_SWAPS):
        other = pairs.get(line.line, "")
        if other in names:
            return replace(line, output=other, source=source)
    return replace(line, name=swapped, source=source)


def _math(math: Math) -> Math:
    if isinstance(math.right, Amount) and math.right.kind == "multiple" and kind_of(math.left) == "price":
        return Math(mirrored_operand(math.left), "*", Amount(round(2 - math.right.value, 10), "multiple"))
    if math.sign in "+-" and kind_of(math.left) == "price" and kind_of(math.right) != "price":
        return Math(mirrored_operand(math.left), "-" if math.sign == "+" else "+", math.right)
    return Math(mirrored_operand(math.left), math.sign, mirrored_operand(math.right))


def _level(left: Operand, right: Operand) -> Operand:
    """A level of an oscillator on the other side of its middle."""
    if not isinstance(right, Amount):
        return mirrored_operand(right)
    if not isinstance(left, Line) or kind_of(left) in ("price", "volume"):
        return replace(right, value=-right.value) if left == Column("funding") else right
    return replace(right, value=middle_of(left) * 2 - right.value)


def middle_of(line: Line) -> float:
    """The value that an oscillator swings about."""
    if (line.name, line.line) == ("bollinger", "percent"):
        return 0.5
    if line.name == "williams_r":
        return -50
    centred = line.name in ("cmo", "tsi", "cci") or (line.name, line.line) == ("aroon", "oscillator")
    is_percent = REGISTRY[line.name].output(line.output).unit == "percent"
    return 50 if is_percent and not centred else 0
