"""The sandbox's program `lookahead`: run again with other bars after a moment, and compare the orders before it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from backtesting import Strategy

from backtests.engine.inside.backtest import with_strategy
from backtests.engine.inside.broker import ORDERS
from backtests.engine.inside.failures import failure_of
from backtests.engine.inside.rows import read_in_order
from backtests.engine.inside.simulation import Say, Simulation

# Of a size or a price: sums over arrays of other lengths round differently.
TOLERANCE = 1e-9
PRICES = ("Open", "High", "Low", "Close")
Row = tuple[Any, ...]


def main(payload: Mapping[str, Any], files: Mapping[str, Path], say: Say) -> dict[str, Any]:
    """For each of `payload["moments"]` the first order up to it that differs from `payload["orders"]`, or None.

    A moment is the bar of an order and the last row of the data set that is left as it is. Without a row all are, to
    see whether the strategy does the same twice.
    """
    frame = read_in_order(files["data"])
    try:
        return {"found": _found(payload, frame, say)}
    except BaseException as error:
        return {"failed": failure_of(error)}


def _found(payload: Mapping[str, Any], frame: pd.DataFrame, say: Say) -> list[dict[str, Any]]:
    orders = list(zip(*(payload["orders"][name] for name in ORDERS), strict=True))
    found = []
    for moment, row in payload["moments"]:
        before = [order for order in orders if order[0] <= moment]
        then = frame if row is None else perturbed(frame, row, payload["noise_seed"])
        found.append({"bar": moment, "differs": difference(before, _orders(payload, then, moment, say))})
        say({"looked": len(found)})
    return found


def _orders(payload: Mapping[str, Any], frame: pd.DataFrame, moment: int, say: Say) -> list[Row]:
    """The orders up to a bar; the backtest ends there."""

    def use(simulation: Simulation, strategy: type[Strategy], bars_then: pd.DataFrame) -> dict[str, Any]:
        if simulation.last is None:
            simulation.run(strategy, bars_then, payload["parameters"])
        assert simulation.last is not None  # noqa: S101
        return {"placed": simulation.last._broker.placed}

    account = {**payload["account"], "finalize_trades": False}
    placed = with_strategy({**payload, "account": account}, frame, say, use, until=moment)["placed"]
    return [order for order in placed if order[0] <= moment]


def perturbed(frame: pd.DataFrame, after: int, seed: int) -> pd.DataFrame:
    """The bars with everything after one of them changed: another level, and noise on each. They stay consistent."""
    noise = np.random.default_rng([seed, after])
    count = len(frame) - after - 1
    level = noise.choice([-1.0, 1.0]) * noise.uniform(0.1, 0.4)
    factor = np.exp(level + noise.normal(0.0, 0.03, count))
    changed = frame.copy()
    for name in changed.columns:
        values = changed[name].to_numpy(dtype=np.float64, copy=True)
        own = factor if name in PRICES else np.exp(noise.normal(0.0, 0.7, count)) * noise.choice([-1, 1], count)
        values[after + 1 :] *= np.abs(own) if np.nanmin(values, initial=0.0) >= 0 else own
        changed[name] = values
    return changed


def difference(before: Sequence[Row], after: Sequence[Row]) -> dict[str, Any] | None:
    """The first order that is not the same in both, as JSON."""
    for place in range(max(len(before), len(after))):
        one = before[place] if place < len(before) else None
        other = after[place] if place < len(after) else None
        if one is None or other is None or not _same(one, other):
            return {"before": _shown(one), "after": _shown(other)}
    return None


def _same(one: Row, other: Row) -> bool:
    return all(
        a == b or (a is not None and b is not None and math.isclose(a, b, rel_tol=TOLERANCE))
        for a, b in zip(one, other, strict=True)
    )


def _shown(order: Row | None) -> dict[str, Any] | None:
    return None if order is None else dict(zip(ORDERS, order, strict=True))
