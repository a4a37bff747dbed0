"""What the child says of a backtest, as JSON: columns of numbers, checked and computed with outside."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from backtesting import Strategy
from backtesting._util import _indicator_warmup_nbars

from backtests.engine.inside.broker import FILLS, ORDERS
from backtests.engine.inside.simulation import Simulation

MOST_ORDERS = 100_000
MOST_LINES = 12
MOST_POINTS = 600
LONGEST_TAG = 60
Columns = dict[str, list[Any]]


def report(simulation: Simulation) -> dict[str, Any]:
    """Everything about the latest backtest."""
    strategy = simulation.last
    assert strategy is not None  # noqa: S101
    return {
        **deeds(simulation),
        "labels": _labels(strategy),
        "indicators": _indicators(strategy),
        "parameters": parameters_of(strategy),
        "backfilled": _backfilled(strategy),
    }


def deeds(simulation: Simulation) -> dict[str, Any]:
    """As much as the check for look-ahead compares."""
    strategy = simulation.last
    assert strategy is not None  # noqa: S101
    return {**brief(simulation), "orders": columns(ORDERS, strategy._broker.placed[:MOST_ORDERS])}


def brief(simulation: Simulation) -> dict[str, Any]:
    """As much as the numbers of a grid's cell need."""
    strategy = simulation.last
    assert strategy is not None  # noqa: S101
    broker = strategy._broker
    return {
        "bars": len(strategy._data),
        "first": simulation.first,
        # At the end, as backtesting.py's statistics take it: a strategy may give its indicators values as it goes.
        "warmup": int(_indicator_warmup_nbars(strategy)),
        "fills": columns(FILLS, broker.fills),
        "placed": len(broker.placed),
        "waiting": len(broker.orders),
        "warned": dict(simulation.warned),
        "blind": _blind(strategy),
        "late": broker.late,
    }


def columns(names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> Columns:
    """Rows as columns, with None for what is no finite number."""
    turned = zip(*rows, strict=True) if rows else ([] for _ in names)
    return {name: [_number(value) for value in column] for name, column in zip(names, turned, strict=True)}


def parameters_of(strategy: Strategy) -> dict[str, Any]:
    """The parameters of the class with the values that were used."""
    names = [
        name
        for kind in reversed(type(strategy).__mro__)
        if issubclass(kind, Strategy) and kind is not Strategy
        for name, value in vars(kind).items()
        if not name.startswith("_") and isinstance(value, bool | int | float | str)
    ]
    return {name: _plain(getattr(strategy, name)) for name in dict.fromkeys(names)}


def _blind(strategy: Strategy) -> list[str]:
    """Indicators that have no value on any bar: longer than the data, or spoilt by a gap in what they read."""
    floats = [ind for ind in strategy._indicators if np.issubdtype(ind.dtype, np.floating)]
    return [_name(indicator) for indicator in floats if np.isnan(np.atleast_2d(indicator)).all(axis=-1).any()]


def _name(indicator: Any) -> str:
    name = indicator.name if isinstance(indicator.name, str) else ", ".join(map(str, indicator.name))
    return name[:LONGEST_TAG]


def _backfilled(strategy: Strategy) -> int:
    """The bars that backtesting.py's TrailingStrategy gives a later bar's range, since they have none of their own."""
    ranges = getattr(strategy, "_TrailingStrategy__atr", None)
    return 0 if ranges is None else int(np.argmax(np.asarray(ranges) != ranges[0]))


def _labels(strategy: Strategy) -> Columns:
    """Of each closed trade. A stop that was hit is known again only now."""
    rows = [(_number(trade.sl), _number(trade.tp), _tag(trade.tag)) for trade in strategy._broker.closed_trades]
    turned: Iterable[Iterable[Any]] = zip(*rows, strict=True) if rows else ([], [], [])
    return {name: list(column) for name, column in zip(("sl", "tp", "tag"), turned, strict=True)}


def _indicators(strategy: Strategy) -> list[dict[str, Any]]:
    """Lines for a chart, thinned."""
    lines = []
    for indicator in strategy._indicators:
        for values in np.atleast_2d(np.asarray(indicator)):
            lines.append(_line(indicator, values))
    return lines[:MOST_LINES]


def _line(indicator: Any, values: np.ndarray) -> dict[str, Any]:
    places = np.unique(np.linspace(0, len(values) - 1, min(len(values), MOST_POINTS)).astype(int))
    return {
        "name": _name(indicator),
        "overlay": bool(indicator._opts.get("overlay")),
        "bars": places.tolist(),
        "values": [_number(value) for value in values[places]],
    }


def _number(value: Any) -> float | int | None:
    if value is None or isinstance(value, int):
        return value
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _plain(value: Any) -> Any:
    value = value.item() if isinstance(value, np.generic) else value
    is_plain = isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value))
    return value if is_plain else str(value)


def _tag(tag: Any) -> Any:
    return None if tag is None else str(tag)[:LONGEST_TAG]
