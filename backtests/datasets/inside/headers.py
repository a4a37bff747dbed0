"""What columns are called in files of bars, and which of ours each is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

NAMES: Mapping[str, tuple[str, ...]] = {
    "time": (
        *("time", "datetime", "date", "timestamp", "open time", "opentime", "date time", "gmt time", "local time"),
        *(
            "utc",
            "ts",
            "unix",
            "unix timestamp",
            "epoch",
            "dt",
            "candle begin time",
            "start",
            "date(utc)",
            "kline open time",
        ),
    ),
    "open": ("open", "o", "open price", "first", "openprice"),
    "high": ("high", "h", "high price", "max", "highprice"),
    "low": ("low", "l", "low price", "min", "lowprice"),
    "close": ("close", "c", "close price", "last", "close/last", "price", "closeprice", "settle"),
    "volume": (
        *("volume", "v", "vol", "vol.", "volume usdt", "base volume", "tick volume", "tickvol", "volume btc"),
        *("quantity", "qty", "amount", "real volume"),
    ),
    "funding": ("funding", "funding rate", "fundingrate"),
    "open_interest": ("open interest", "openinterest", "oi", "sum open interest value"),
    "liquidations": ("liquidations", "liquidation", "liq", "liquidations usd"),
}
OURS = {word: name for name, words in NAMES.items() for word in words}
# The order of files without a header, as exchanges write them.
BARE = ("time", "open", "high", "low", "close", "volume")
NEEDED = ("time", "open", "high", "low", "close")


class TableError(Exception):
    """The file cannot be taken; the text is for the customer."""


def plain(cell: object) -> str:
    """A column's name without case, quotes, brackets and signs: `<OPEN>`, `"Open Time"`, `open_time`."""
    text = str(cell).strip("\ufeff \t'\"<>[]").replace("_", " ").lower()
    return re.sub(r"\s+", " ", text)


def has_header(cells: Sequence[str]) -> bool:
    """Whether a first row names columns: at least two of its cells are names that we know."""
    return sum(plain(cell) in OURS for cell in cells) >= 2


def places(cells: Sequence[object]) -> dict[str, int]:
    """Where each of our columns is; the first of several wins. Raises TableError that names what is missing."""
    found: dict[str, int] = {}
    words = [plain(cell) for cell in cells]
    # Above its dates yfinance writes the name of the other columns' level.
    has_label = words[:1] == ["price"] and "close" in words
    for place, word in enumerate(words):
        name = "time" if has_label and not place else OURS.get(word)
        if word in {"time", "hour"} and words[found.get("time", place)] == "date":
            name = "clock"
        if name and name not in found:
            found[name] = place
    missing = [name for name in NEEDED if name not in found]
    if missing:
        seen = ", ".join(str(cell)[:20] for cell in cells[:10]) or "nothing"
        raise TableError(
            f"There is no column for {_listed(missing)}. The first row has: {seen}. Name the columns "
            "time, open, high, low, close and, if there is one, volume."
        )
    return found


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
