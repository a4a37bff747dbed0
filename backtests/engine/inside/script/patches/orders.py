"""`buy` and `sell` as scripts call them: sizes, stops and names of arguments."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
from backtesting import Strategy
from backtesting.backtesting import Trade

from backtests.engine.inside.script.notes import Notes

_NAMES = {
    **dict.fromkeys(("stop_loss", "stoploss", "sl_price", "stop_loss_price"), "sl"),
    **dict.fromkeys(("take_profit", "takeprofit", "tp_price", "take_profit_price", "target"), "tp"),
    **dict.fromkeys(("quantity", "qty", "amount", "shares", "units", "volume"), "size"),
    **dict.fromkeys(("limit_price", "price_limit"), "limit"),
    **dict.fromkeys(("stop_price",), "stop"),
    **dict.fromkeys(("comment", "label", "name"), "tag"),
}
_KNOWN = ("size", "limit", "stop", "sl", "tp", "tag")
_PRICES = ("limit", "stop", "sl", "tp")
Order = Callable[..., Any]
REFUSED = "The order was refused."


def changes(notes: Notes) -> Iterator[tuple[Any, str, Any]]:
    yield Strategy, "buy", _order(Strategy.buy, 1, notes)
    yield Strategy, "sell", _order(Strategy.sell, -1, notes)
    for name in ("sl", "tp"):
        known = vars(Trade)[name]
        yield Trade, name, property(known.fget, _contingent(known.fset, name, notes))


def _order(real: Order, side: int, notes: Notes) -> Order:
    def place(self: Strategy, *given: Any, **named: Any) -> Any:
        wanted = _arguments(given, named, notes)
        if not _sized(wanted, notes):
            return None
        _priced(wanted, side, notes)
        if any(value is not None and not _is_finite(value) for value in (wanted.get(name) for name in _PRICES)):
            notes.add(
                "Orders whose stop, target or limit is no number (an indicator without a value yet) were refused."
            )
            return None
        try:
            return real(self, **wanted)
        except ValueError as error:
            if "orders require" not in str(error):
                raise
            _refuse(notes, _refusal(side))
            return None

    return place


def _refuse(notes: Notes, why: str) -> None:
    """Note it, and warn as the broker does of an order that it cancels: the engine counts warnings."""
    notes.add(why)
    warnings.warn(REFUSED, UserWarning, stacklevel=2)


def _refusal(side: int) -> str:
    if side > 0:
        return "Buy orders were refused: their stop has to lie below the price and their target above it."
    return "Sell orders were refused: their stop has to lie above the price and their target below it."


def _arguments(given: tuple[Any, ...], named: dict[str, Any], notes: Notes) -> dict[str, Any]:
    """By backtesting.py's names."""
    wanted = dict(zip(_KNOWN, map(_plain, given), strict=False))
    if given:
        notes.add("buy() and sell() take their arguments by name; the first was taken as size.")
    for name, value in named.items():
        known = _NAMES.get(name, name)
        if known not in _KNOWN:
            notes.add(f"buy() and sell() have no argument {name}; it was left out.")
            continue
        if known != name:
            notes.add(f"buy() and sell() have no argument {name}; it was passed as {known}.")
        wanted[known] = value if known == "tag" else _plain(value)
    return {name: value for name, value in wanted.items() if value is not None or name != "size"}


def _plain(value: Any) -> Any:
    """The latest value of a series or an array, a number out of numpy's."""
    if isinstance(value, pd.Series):
        return float(value.iloc[-1]) if len(value) else None
    if isinstance(value, np.ndarray):
        return float(np.asarray(value).ravel()[-1]) if value.size else None
    return value


def _is_finite(value: Any) -> bool:
    try:
        return math.isfinite(value)
    except TypeError:
        return False


def _sized(wanted: dict[str, Any], notes: Notes) -> bool:
    """Make the size a fraction or whole; False when there is nothing to order."""
    if "size" not in wanted:
        return True
    size = wanted["size"]
    if not _is_finite(size):
        _refuse(notes, "Orders whose size is no number were refused.")
        return False
    if size <= 0:
        _refuse(notes, "Orders of size 0 or less were refused.")
        return False
    if size >= 1 and size != round(size):
        notes.add("Sizes that are neither a fraction below 1 nor whole units were rounded down to whole units.")
        wanted["size"] = math.floor(size)
    return True


def _priced(wanted: dict[str, Any], side: int, notes: Notes) -> None:
    """Drop a stop or target below zero, which no price can reach."""
    for name in ("sl", "tp"):
        value = wanted.get(name)
        is_low_side = (name == "sl") == (side > 0)
        if value is not None and _is_finite(value) and value <= 0 and is_low_side:
            notes.add(f"A {'stop' if name == 'sl' else 'target'} at or below 0 can never be reached; it was left out.")
            wanted[name] = None


def _contingent(real: Callable[[Trade, Any], None], name: str, notes: Notes) -> Callable[[Trade, Any], None]:
    def put(self: Trade, price: Any) -> None:
        price = _plain(price)
        if price is not None and not (_is_finite(price) and price > 0):
            notes.add(f"A new {'stop' if name == 'sl' else 'target'} that is no price was left out.")
            return
        real(self, price)

    return put
