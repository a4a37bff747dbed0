"""Numbers that an idea states for its blueprints: `RSI 21`, `oversold at 25`, `9/21 EMA`, `20 day high`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from backtests.rbi.indicators import REGISTRY
from backtests.rbi.interpretation.renaming import AVERAGES
from backtests.rbi.interpretation.stated import NUMBER, unit_of, value_of
from backtests.rbi.spec import Indicator, Parameter, Specification, pieces

LOW = ("oversold", "low_zone", "very_low", "dried", "low_cci", "weakness", "deserted", "calm", "narrow")
HIGH = (
    "overbought",
    "high_zone",
    "very_high",
    "flooded",
    "high_cci",
    "strength",
    "crowded",
    "strong",
    "choppy",
    "wild",
)
LENGTHS = (
    "breakout_bars", "chandelier_bars", "range_bars", "change_bars", "divergence_bars", "swing_bars", "mean_period",
    "trend_period", "squeeze_bars", "channel_period", "band_period", "rank_bars",
)  # fmt: skip
RANGES = ("expansion", "distance", "range_times", "supertrend_width", "channel_width", "keltner_width")
DEVIATIONS = ("stretch", "band_width")
OF_LENGTH = r"(?:highs?|lows?|range|channel|breakouts?|lookback|momentum|return|change|extreme|donchian|mean|box)"
UNIT = r"(?:[\s-]*(?P<u>bar|candle|period|day|hour|week|minute|d|h|w)s?\b)?[\s-]*"
SIMPLE: tuple[tuple[tuple[str, ...], str], ...] = (
    (LOW, rf"\b(?:oversold|below|under|less\s+than|lower\s+than|beneath|<)\s*(?:at|of|level|=|:)?\s*{NUMBER}"),
    (
        HIGH,
        rf"\b(?:overbought|above|over|greater\s+than|more\s+than|higher\s+than|exceeds|>)\s*(?:at|of|=|:)?\s*{NUMBER}",
    ),
    (LOW, rf"<\s*{NUMBER}"),
    (HIGH, rf">\s*{NUMBER}"),
    (("volume_times",), rf"{NUMBER}\s*(?:x|times)\s*(?:the\s+)?(?:average|avg|normal|usual|mean)?\s*(?:volume|vol)\b"),
    (("volume_times",), rf"\b(?:volume|vol)\s*(?:is\s+|of\s+|>\s*|above\s+|over\s+)?{NUMBER}\s*(?:x|times)(?:\s+\w+)?"),
    (("cascade_times", "volume_times"), rf"{NUMBER}\s*(?:x|times)\b"),
    (("exit_bars",), rf"{NUMBER}{UNIT}exit\b"),
    (("stretch",), rf"z[\s-]?score\s*(?:is\s*)?(?:>|above|over|of|beyond|at)\s*{NUMBER}"),
    (("stretch",), rf"<\s*-\s*{NUMBER}"),
    (DEVIATIONS, rf"{NUMBER}\s*(?:std|sd|stdevs?|sigmas?|standard\s+deviations?|deviations?|σ)"),
    (RANGES, rf"{NUMBER}\s*(?:x\s*)?atrs?\b"),
    (("streak_bars",), rf"{NUMBER}\s*(?:red|green|down|up|losing|winning|consecutive|straight|lower|higher)\b"),
    (("crowded", "wild", "narrow"), rf"{NUMBER}(?:th|st|nd|rd)?\s*percentile"),
    (("build_up", "rise"), rf"{NUMBER}\s*(?:%|percent)"),
)
# What no length is counted in: a number of them is none of bars.
NOT_COUNTED = re.compile(r"[\s-]*(?:months?|years?|quarters?|decades?|seconds?)\b", re.IGNORECASE)
SIMPLE_COMPILED = tuple((names, re.compile(pattern, re.IGNORECASE)) for names, pattern in SIMPLE)
BEFORE_LENGTH = re.compile(rf"{NUMBER}{UNIT}{OF_LENGTH}\b", re.IGNORECASE)
AFTER_LENGTH = re.compile(rf"\b{OF_LENGTH}\s*(?:of|over|for)?\s*{NUMBER}{UNIT}", re.IGNORECASE)
PAST_LENGTH = re.compile(
    rf"\b(?:last|past|previous)\s+{NUMBER}[\s-]*(?P<u>bar|candle|period|day|hour|week|minute)s?\b", re.IGNORECASE
)
MORE = r"(?:\s*(?:,|/|and|&|-|\s)\s*\d{1,9}(?:\.\d{1,9})?){0,2}"
NUMBERS = rf"(?P<all>(?<![\d.])\d{{1,9}}(?:\.\d{{1,9}})?{MORE})"
# Where the level of an oscillator is meant and not its length.
LEVELS = {"rsi", "mfi", "stochastic", "stoch_rsi"}
TWINS = {"stretch": "low_stretch", "rise": "fall"}


@dataclass(frozen=True)
class Change:
    """A parameter that the text sets."""

    name: str
    value: float
    unit: str
    start: int
    end: int
    words: str
    # The kind of average that was named with it.
    average: str = ""


def read_numbers(masked: str, specification: Specification) -> list[Change]:
    """Each place of the text is read once, the indicators' own numbers first."""
    found: list[Change] = []
    for change in _all(masked, specification):
        if NOT_COUNTED.match(masked, change.end):
            continue
        # What is said twice is understood twice.
        is_new = all(change.name != one.name or change.value == one.value for one in found)
        others = [one for one in found if one.words != change.words]
        if is_new and not any(change.start < one.end and one.start < change.end for one in others):
            found.append(change)
    return found


def _all(masked: str, specification: Specification) -> Iterator[Change]:
    yield from _of_indicators(masked, specification)
    yield from _of_lengths(masked, specification)
    yield from _simple(masked, specification)


def _simple(text: str, specification: Specification) -> Iterator[Change]:
    for names, pattern in SIMPLE_COMPILED:
        for hit in pattern.finditer(text):
            value, unit = value_of(hit["n"]), unit_of(hit.groupdict().get("u") or "")
            if name := _fitting(names, value, specification):
                yield Change(name, value, unit, hit.start(), hit.end(), hit[0].strip())
                if twin := TWINS.get(name):
                    yield Change(twin, -value, "", hit.start(), hit.end(), hit[0].strip())


def _fitting(names: tuple[str, ...], value: float, specification: Specification) -> str:
    """The first of them, by itself or as a filter's, whose bounds let the value in."""
    for name in names:
        for own, parameter in specification.parameters.items():
            if (own == name or own.endswith(f"_{name}")) and within(parameter, value):
                return own
    return ""


def within(parameter: Parameter, value: float) -> bool:
    low, high = parameter.low, parameter.high
    return (low is None or value >= low) and (high is None or value <= high)


def _of_lengths(text: str, specification: Specification) -> Iterator[Change]:
    for hit in (hit for pattern in (BEFORE_LENGTH, AFTER_LENGTH, PAST_LENGTH) for hit in pattern.finditer(text)):
        unit = unit_of(hit["u"] or "")
        value = value_of(hit["n"])
        names = [name for name in LENGTHS if name in specification.parameters]
        if names and (unit not in {"", "bars"} or within(specification.parameters[names[0]], value)):
            yield Change(names[0], value, unit, hit.start(), hit.end(), hit[0].strip())


def _of_indicators(text: str, specification: Specification) -> Iterator[Change]:
    used = {piece.part.name: piece.part for piece in pieces(specification) if isinstance(piece.part, Indicator)}
    for name, indicator in used.items():
        if name not in AVERAGES:
            yield from _of_indicator(text, indicator, specification)
    if AVERAGES & used.keys():
        yield from _of_averages(text, specification)


def _of_indicator(text: str, indicator: Indicator, specification: Specification) -> Iterator[Change]:
    definition = REGISTRY[indicator.name]
    names = [indicator.args[argument.name] for argument in definition.args]
    for hit in _beside(text, definition.words):
        values = [float(part) for part in re.findall(r"\d+(?:\.\d+)?", hit["all"])]
        levels = _levels(indicator.name, values, specification)
        targets = levels or list(zip(names, values, strict=False))
        for target, value in targets:
            yield Change(target, value, unit_of(hit["u"] or ""), hit.start(), hit.end(), hit[0].strip())


def _levels(name: str, values: list[float], specification: Specification) -> list[tuple[str, float]]:
    """`RSI 30/70` and `RSI 25` are levels, `RSI 14` and `RSI 21` are lengths."""
    if name not in LEVELS or len(values) > 2 or any(value % 5 or value < 15 for value in values):
        return []
    found = [(_fitting(LOW if value < 50 else HIGH, value, specification), value) for value in values]
    return [(level, value) for level, value in found if level]


def _beside(text: str, words: tuple[str, ...]) -> Iterator[re.Match[str]]:
    """The indicator's name with numbers behind it, or before it."""
    names = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    if not names:
        return
    unit = r"(?P<u>period|bar|day|hour|week)?s?"
    yield from re.finditer(
        rf"\b(?:{names})s?\s*(?:of|with|at|period|length|=|:)?\s*\(?\s*{NUMBERS}\s*\)?(?P<u>)", text, re.I
    )
    # `2 ATR` is a multiple of it and no length.
    names = "|".join(name for name in names.split("|") if not name.startswith(("atr", "average\\ true")))
    yield from re.finditer(rf"\b{NUMBERS}[\s-]*{unit}[\s-]*(?:{names or '(?!)'})\b", text, re.I)


def _of_averages(text: str, specification: Specification) -> Iterator[Change]:
    lengths = {
        piece.part.args["period"]
        for piece in pieces(specification)
        if isinstance(piece.part, Indicator) and piece.part.name in AVERAGES and piece.part.source is None
    }
    names = sorted(lengths, key=lambda name: specification.parameters[name].value)
    words = tuple(word for kind in sorted(AVERAGES) for word in REGISTRY[kind].words if word not in {"mean", "average"})
    for hit in _beside(text, words):
        # An average of no bars is none.
        values = sorted(value for part in re.findall(r"\d+(?:\.\d+)?", hit["all"]) if (value := float(part)) > 0)
        kind = next((kind for kind in AVERAGES if re.search(rf"\b{kind}s?\b", hit[0], re.I)), "")
        for name, value in _dealt(names, values, specification):
            yield Change(name, value, unit_of(hit["u"] or ""), hit.start(), hit.end(), hit[0].strip(), kind)


def _dealt(names: list[str], values: list[float], specification: Specification) -> list[tuple[str, float]]:
    """As many numbers as averages go in order; fewer go to the averages that are nearest in length."""
    if len(values) == len(names):
        return list(zip(names, values, strict=True))
    dealt: list[tuple[str, float]] = []
    for value in values:
        free = [name for name in names if name not in dict(dealt)]
        if free:
            nearest = min(free, key=lambda name: abs(specification.parameters[name].value / value - 1))
            dealt.append((nearest, value))
    return dealt
