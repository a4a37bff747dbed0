"""What two runs did up to a bar, and the first thing in which they differ."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from itertools import zip_longest
from typing import Any, NamedTuple

import numpy as np

from backtests.engine import said
from backtests.engine.ledger import OPENS, Forged, Ledger, TooMany, read_ledger
from backtests.engine.placing import Order, orders_of

# Of a size or a price: sums over arrays of other lengths round differently.
TOLERANCE = 1e-9


class Deeds(NamedTuple):
    """The orders of a run, as its child named them, and its fills."""

    orders: Mapping[str, list[Any]]
    ledger: Ledger


class Fill(NamedTuple):
    """A line of a ledger."""

    bar: int
    size: float
    price: float
    of: int
    at: int


def deeds_of(document: Any, *, bars: int) -> Deeds | None:
    """What a rerun did; None when its answer cannot be read. Of other bars a script may have made more or fewer."""
    made = document.get("bars") if isinstance(document, Mapping) else None
    try:
        ledger = read_ledger(document, bars=made if type(made) is int else bars)
    except (Forged, TooMany):
        return None
    return Deeds(said.orders(document, bars=bars), ledger)


def difference(before: Deeds, after: Deeds, *, until: int) -> tuple[str, str] | None:
    """The first order, else the first fill, that is not the same in both, in words."""
    steps: tuple[Callable[[Deeds, int], Iterator[Order | Fill]], ...] = (_orders, _fills)
    for step in steps:
        for one, other in zip_longest(step(before, until), step(after, until)):
            if one is None or other is None or not _is_same(one, other):
                return _told(one), _told(other)
    return None


def _orders(deeds: Deeds, until: int) -> Iterator[Order | Fill]:
    return (order for order in orders_of(deeds.orders) if order.bar <= until)


def _fills(deeds: Deeds, until: int) -> Iterator[Order | Fill]:
    ledger = deeds.ledger
    count = int(np.searchsorted(ledger.bar, until, side="right"))
    columns = (ledger.bar, ledger.size, ledger.price, ledger.of, ledger.at)
    return map(Fill._make, zip(*(column[:count].tolist() for column in columns), strict=True))


def _is_same(one: Order | Fill, other: Order | Fill) -> bool:
    return all(
        a == b or (a is not None and b is not None and math.isclose(a, b, rel_tol=TOLERANCE))
        for a, b in zip(one, other, strict=True)
    )


def _told(deed: Order | Fill | None) -> str:
    """An order or a fill in words."""
    match deed:
        case Order():
            prices = [f"{name} {price:.8g}" for name in ("limit", "stop") if (price := getattr(deed, name)) is not None]
            what = "the cancelling of " if deed.cancels else ""
            side = "a buy" if deed.size > 0 else "a sale"
            return " ".join([f"{what}{side} of {abs(deed.size):.6g} at bar {deed.bar}", *prices])
        case Fill():
            what = "the begin" if deed.of == OPENS else "the end"
            return f"{what} of a trade of {deed.size:.6g} at bar {deed.bar} at {deed.price:.8g}"
    return "no order"
