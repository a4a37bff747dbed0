"""What a child said beside its fills: shown and never computed with, so only its shape is checked."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from backtests.engine.inside.broker import ORDERS
from backtests.engine.inside.report import LONGEST_TAG, MOST_LINES, MOST_ORDERS, MOST_POINTS
from backtests.engine.inside.rows import NoSuchRows, base_of, rows_of
from backtests.engine.ledger import Forged
from backtests.engine.request import Kind, Value

MOST_PARAMETERS = 100
MOST_TRIALS = 1_000_000
MOST_BACKFILLED = 500
# What a module has no say in: it trades on the bars, and with the account, that it is given.
OF_SCRIPTS = frozenset({"timeframe", "rows", "settings", "trials", "adaptations"})
ORDER_PRICES, ORDER_FLAGS = ("limit", "stop", "sl", "tp"), ("of_trade", "cancels")
Columns = dict[str, list[Any]]


def of_kind(document: Any, kind: Kind) -> Any:
    """The answer without what only a script may say."""
    if kind == "script" or not isinstance(document, Mapping):
        return document
    return {name: value for name, value in document.items() if name not in OF_SCRIPTS}


def orders(document: Mapping[str, Any], *, bars: int) -> Columns:
    """The orders by column, in the order in which they were placed; empty when they have not the right shape."""
    columns = document.get("orders")
    if not isinstance(columns, Mapping) or not all(isinstance(columns.get(name), list) for name in ORDERS):
        return {name: [] for name in ORDERS}
    kept = {name: columns[name][:MOST_ORDERS] for name in ORDERS}
    right = len({len(column) for column in kept.values()}) == 1
    right = right and all(type(bar) is int and 0 <= bar < bars for bar in kept["bar"])
    right = right and all(_is_number(size) and size for size in kept["size"])
    right = right and all(type(flag) is int and flag in (0, 1) for name in ORDER_FLAGS for flag in kept[name])
    right = right and all(value is None or _is_number(value) for name in ORDER_PRICES for value in kept[name])
    return kept if right else {name: [] for name in ORDERS}


def indicators(document: Mapping[str, Any], *, bars: int) -> list[dict[str, Any]]:
    """Lines for a chart: name, overlay, bars and values."""
    lines = document.get("indicators")
    if not isinstance(lines, list):
        return []
    return [line for line in map(_line, lines[:MOST_LINES]) if line and all(0 <= bar < bars for bar in line["bars"])]


def _line(line: Any) -> dict[str, Any] | None:
    if not isinstance(line, Mapping) or not isinstance(line.get("name"), str):
        return None
    places, values = line.get("bars"), line.get("values")
    if not isinstance(places, list) or not isinstance(values, list) or len(places) != len(values):
        return None
    if len(places) > MOST_POINTS or not all(type(place) is int for place in places):
        return None
    if not all(value is None or _is_number(value) for value in values):
        return None
    return {
        "name": line["name"][:LONGEST_TAG],
        "overlay": line.get("overlay") is True,
        "bars": places,
        "values": values,
    }


def parameters(document: Mapping[str, Any]) -> dict[str, Value]:
    """The strategy's parameters with the values that were used."""
    found = document.get("parameters")
    if not isinstance(found, Mapping):
        return {}
    return {
        str(name)[:LONGEST_TAG]: value[:200] if isinstance(value, str) else value
        for name, value in list(found.items())[:MOST_PARAMETERS]
        if isinstance(value, str | bool) or _is_number(value)
    }


def frame_traded(document: Any, frame: pd.DataFrame) -> pd.DataFrame:
    """The bars that were traded on, made here out of the data set. Raises Forged when there are no such bars."""
    if not isinstance(document, Mapping):
        return frame
    timeframe = document.get("timeframe", "")
    try:
        if not isinstance(timeframe, str):
            raise NoSuchRows
        return rows_of(base_of(frame, timeframe), document.get("rows"))
    except NoSuchRows as error:
        raise Forged("The bars that were traded on are not those of the data set.") from error


def settings_of_script(document: Mapping[str, Any]) -> dict[str, str]:
    """What a script gave to its own Backtest."""
    found = document.get("settings")
    if not isinstance(found, Mapping):
        return {}
    return {str(name)[:30]: value[:60] for name, value in list(found.items())[:10] if isinstance(value, str)}


def backfilled(document: Mapping[str, Any]) -> int:
    """The first bars in which the library itself, not the strategy, looks ahead."""
    count = document.get("backfilled")
    return count if type(count) is int and 0 <= count <= MOST_BACKFILLED else 0


def trials(document: Any) -> int:
    """How many backtests a script made by itself."""
    count = document.get("trials") if isinstance(document, Mapping) else None
    return count if type(count) is int and 1 <= count <= MOST_TRIALS else 1


def _is_number(value: Any) -> bool:
    """A float can hold it, so that whoever computes with it or shows it needs not ask."""
    return (type(value) is int and abs(value) < 2**63) or (type(value) is float and math.isfinite(value))
