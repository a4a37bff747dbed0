"""Numbers that a vague idea states for any strategy: stop, target, risk, size, time in the trade, timeframe."""

from __future__ import annotations

import re
from dataclasses import dataclass

COUNTS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
}  # fmt: skip
# Bounded, so that a text of digits alone is read in a moment.
NUMBER = rf"(?P<n>(?<![\d.])\d{{1,9}}(?:[.,]\d{{1,9}})?|\b(?:{'|'.join(COUNTS)})\b)"
PERCENT = r"(?:%|percent\b|pct\b)"
DISTANCE = rf"(?P<u>{PERCENT}|(?:x\s*)?atrs?\b)"
TIME = r"(?P<u>bars?|candles?|periods?|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|w)\b"
STOP = r"(?:stop[\s-]?loss|stop|sl)"
TARGET = r"(?:tp|take[\s-]?profit|profit[\s-]?target|target|profit)"
RATIO = r"(?:rr|r:r|r/r|risk[\s/-]*(?:to[\s-]*)?reward(?:\s+ratio)?|reward[\s/-]*(?:to[\s-]*)?risk(?:\s+ratio)?)"
AT = r"\s*(?:at|of|is|=|:|around|by|with)?\s*"
AVERAGE = r"(?P<avg>sma|ema|wma|hma|ma|moving\s+average|average)"
LENGTH = r"[\s-]*(?P<u>day|period|bar|hour|week|d|h)?s?[\s-]*"
NOT_A_CHART = (
    r"(?!\s*-?\s*(?:high|low|open|close|ma\b|sma|ema|moving|average|range|channel|breakout|rsi|momentum|return|vwap"
    r"|pivot))"
)

# What fits any strategy; averages are the numbers of some.
OF_ANY = frozenset(
    {"leverage", "trailing", "no_stop", "stop", "reward", "target", "risk", "size", "cash", "hold", "timeframe"}
)
# In this order: what an earlier one takes a later one does not see.
PATTERNS: tuple[tuple[str, str], ...] = (
    ("leverage", rf"{NUMBER}\s*x\s*(?:leverage|lev)\b"),
    ("leverage", rf"\b(?:leverage|lev){AT}{NUMBER}\s*x?\b"),
    ("trailing", rf"\btrail(?:ing)?(?:\s+{STOP})?{AT}{NUMBER}\s*{DISTANCE}"),
    ("trailing", rf"{NUMBER}\s*{DISTANCE}\s*trail(?:ing)?(?:\s+{STOP})?\b"),
    ("no_stop", rf"\b(?:no|without(?:\s+an?)?)\s+(?:hard\s+|fixed\s+)?{STOP}(?:s|es)?\b(?!\s*-?\s*(?:hunt|{NUMBER}))"),
    ("stop", rf"\b{STOP}{AT}{NUMBER}\s*{DISTANCE}"),
    ("stop", rf"{NUMBER}\s*{DISTANCE}\s*{STOP}\b"),
    ("reward", rf"\b{RATIO}{AT}(?:1\s*(?::|to)\s*)?{NUMBER}(?:\s*(?::|to)\s*1\b)?"),
    ("reward", rf"\b(?:1\s*(?::|to)\s*){NUMBER}\s*(?:{RATIO})?\b"),
    ("reward", rf"{NUMBER}\s*(?::|to)\s*1\s*{RATIO}"),
    ("reward", rf"\b{TARGET}{AT}{NUMBER}\s*r\b"),
    ("reward", rf"{NUMBER}\s*r\s*{TARGET}\b"),
    ("target", rf"\b{TARGET}{AT}{NUMBER}\s*{DISTANCE}"),
    ("target", rf"{NUMBER}\s*{DISTANCE}\s*{TARGET}\b"),
    ("risk", rf"\brisk(?:ing)?{AT}{NUMBER}\s*{PERCENT}(?:\s*(?:per|a|each)\s+trade)?"),
    ("risk", rf"{NUMBER}\s*{PERCENT}\s*risk(?:\s*(?:per|a|each)\s+trade)?"),
    ("size", rf"\b(?:position\s+)?(?:size|sizing|allocate|invest){AT}{NUMBER}\s*{PERCENT}"),
    ("size", rf"{NUMBER}\s*{PERCENT}\s*of\s+(?:my\s+|the\s+)?(?:equity|account|capital|balance|portfolio)"),
    ("size", rf"{NUMBER}\s*{PERCENT}\s*(?:position(?:\s+size)?|per\s+trade)"),
    ("cash", rf"\$\s*{NUMBER}\s*(?:per\s+trade|a\s+trade|each|positions?)"),
    ("cash", rf"{NUMBER}\s*(?:usd|usdt|dollars)\s*(?:per|a|each)\s+trade"),
    (
        "pair",
        rf"\b{AVERAGE}s?\s*\(?{NUMBER}\)?\s*(?:/|,|and|&|with|x|vs)\s*(?:the\s+)?(?P=avg)s?\s*\(?(?P<m>\d{{1,9}})\b",
    ),
    (
        "pair",
        rf"(?<![\d.]){NUMBER}{LENGTH}{AVERAGE}s?\s*(?:/|,|and|&|with|x|vs)\s*(?:the\s+)?(?P<m>\d{{1,9}})[\s-]*(?:day|period"
        r"|bar|hour|week|d|h)?[\s-]*(?P=avg)\b",
    ),
    (
        "pair",
        rf"(?<![\d.])(?<!\d,\s)(?<!\d\s)(?<!\d[,/]){NUMBER}\s*(?:/|,|and|&|-|x)\s*(?P<m>\d{{1,9}}){LENGTH}{AVERAGE}s?\b",
    ),
    ("pair", rf"\b{AVERAGE}s?\s*\(?{NUMBER}\s*(?:/|,|and|&|-|\s)\s*(?P<m>\d{{1,9}})(?!\d|\s*(?:/|,|and|&|\s)\s*\d)\)?"),
    (
        "hold",
        r"\b(?:hold(?:ing)?|max(?:imum)?\s+hold|time\s+stop|(?:exit|close|out|sell)(?:\s+it)?\s+after)"
        rf"(?:\s+(?:for|of|at\s+most|up\s+to|period|max))*\s*{NUMBER}\s*-?{TIME}",
    ),
    ("average", rf"\b(?:above|below|over|under)\s+(?:the\s+|its\s+|a\s+)?{NUMBER}{LENGTH}{AVERAGE}\b"),
    ("average", rf"{NUMBER}{LENGTH}{AVERAGE}\s+(?:trend\s+)?filter\b"),
    (
        "timeframe",
        rf"(?<![$€.\d])\b{NUMBER}\s*-?\s*(?P<u>m|mins?|minutes?|h|hrs?|hours?|d|w)\b{NOT_A_CHART}"
        r"(?:\s*(?:charts?|candles?|bars?|timeframe|time\s+frame|tf))?",
    ),
    ("timeframe", r"\b(?P<u>daily|hourly|weekly)\b" + NOT_A_CHART + r"(?:\s*(?:charts?|candles?|bars?|timeframe|tf))?"),
)
COMPILED = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in PATTERNS)
# The cross that has a name of its own is one of these averages, unless the text gives others.
GOLDEN = re.compile(
    r"(?:(?P<n>\d{1,4})\s*(?:/|,|and|x)\s*(?P<m>\d{1,4})\s*)?(?:day\s+|sma\s+)?(?:golden|death)\s+cross(?:over)?s?"
    r"(?:\s*(?:of\s+|with\s+)?\(?(?P<a>\d{1,4})\s*(?:/|,|and|x)\s*(?P<b>\d{1,4})\)?)?",
    re.IGNORECASE,
)
USUAL_CROSS = (50.0, 200.0)
# What stands in a masked text where something was taken out: no word and no space.
TAKEN = "\x00"


@dataclass(frozen=True)
class Stated:
    """A number of a kind in its unit, and where it stands."""

    kind: str
    value: float
    unit: str
    start: int
    end: int
    words: str
    # The larger one of two averages.
    other: float = 0


def read_stated(text: str) -> tuple[list[Stated], str]:
    """What is stated, by its place, and the text with it masked."""
    found: list[Stated] = []
    for kind, pattern in COMPILED:
        for hit in pattern.finditer(text):
            found.append(_stated(kind, hit))
        text = mask(text, [(one.start, one.end) for one in found])
    if not any(one.kind == "pair" for one in found):
        crosses = [_golden(hit) for hit in GOLDEN.finditer(text)][:1]
        found += crosses
        text = mask(text, [(one.start, one.end) for one in crosses])
    return sorted(found, key=lambda one: one.start), text


def _golden(hit: re.Match[str]) -> Stated:
    first, last = (hit["n"] or hit["a"], hit["m"] or hit["b"])
    low, high = sorted((float(first), float(last))) if first and last else USUAL_CROSS
    return Stated("pair", low, ":sma", hit.start(), hit.end(), hit[0].strip(), high)


def mask(text: str, spans: list[tuple[int, int]]) -> str:
    for start, end in spans:
        text = text[:start] + TAKEN * (end - start) + text[end:]
    return text


def _stated(kind: str, hit: re.Match[str]) -> Stated:
    groups = hit.groupdict()
    value = value_of(groups.get("n") or "1")
    unit = unit_of(groups.get("u") or "")
    other = value_of(groups.get("m") or "0")
    if kind in {"average", "pair"}:
        average = re.sub(r"\s+", " ", groups["avg"].lower())
        unit = f"{unit}:{average if average in NAMED_AVERAGES else 'sma'}"
    low, high = sorted((value, other)) if kind == "pair" else (value, 0)
    return Stated(kind, low, unit, hit.start(), hit.end(), hit[0].strip(), high)


def value_of(written: str) -> float:
    return float(COUNTS.get(written.lower(), 0) or written.replace(",", "."))


def unit_of(written: str) -> str:
    """`percent`, `atr`, or a length of time as the specification names it."""
    word = written.lower().strip()
    for unit, pattern in UNITS:
        if re.fullmatch(pattern, word):
            return unit
    return ""


UNITS = (
    ("percent", r"%|percent|pct"),
    ("atr", r"(?:x\s*)?atrs?"),
    ("bars", r"bars?|candles?|periods?"),
    ("minutes", r"m|mins?|minutes?"),
    ("hours", r"h|hrs?|hours?|hourly"),
    ("days", r"d|days?|daily"),
    ("weeks", r"w|weeks?|weekly"),
)
NAMED_AVERAGES = frozenset({"sma", "ema", "wma", "hma"})
SHORT_UNITS = {"minutes": "m", "hours": "h", "days": "d", "weeks": "w"}


def timeframe_of(stated: Stated) -> str:
    return f"{stated.value:g}{SHORT_UNITS[stated.unit]}"
