"""backtesting.py's broker, which writes down what it does: each order that is placed and each fill, in order."""

from __future__ import annotations

from functools import cached_property
from typing import Any, SupportsIndex

import numpy as np
from backtesting._util import _Data
from backtesting.backtesting import Order, Trade, _Broker

# A fill opens this: no earlier one.
OPENS = -1
FILLS = ("of", "bar", "at", "size", "price")
ORDERS = ("bar", "size", "limit", "stop", "sl", "tp", "of_trade", "cancels")


class Once:
    """A cached_property without its lock, which Python 3.11 takes on every bar. backtesting.py clears the values."""

    def __init__(self, computed: cached_property[Any]) -> None:
        self.func = computed.func
        self._name = computed.func.__name__

    def __get__(self, owner: Any, kind: type) -> Any:
        if owner is None:
            return self
        value = owner.__dict__[self._name] = self.func(owner)
        return value


class Broker(_Broker):  # type: ignore[misc]
    """Trades exactly as its parent and keeps `fills` and `placed`, rows of FILLS and ORDERS.

    `of` is the place among the fills of the one that is closed, or OPENS. `bar` is the bar at which the broker was at
    work, `at` the bar whose price was taken: the one before with trade_on_close. An order that the strategy cancels is
    written down once more, with `cancels` 1; `of_trade` is 1 for those that end a trade. Those of `init` have bar 0.
    `late` counts the trades that backtesting.py would have ended before they began.
    """

    _i = 0

    _position_size = Once(_Broker._position_size)
    _position_initial_value = Once(_Broker._position_initial_value)
    _position_unrealized_pl = Once(_Broker._position_unrealized_pl)

    def __init__(self, **account: Any) -> None:
        super().__init__(**account)
        self._closes = Closes(self._data)
        # What the open trades cost; None when they have changed since it was summed up.
        self._cost: float | None = None
        self._is_done = False
        self.fills: list[tuple[int, int, int, float, float]] = []
        self.placed: list[tuple[Any, ...]] = []
        self.orders = Queue(self)
        self.late = 0
        # While orders are filled: what leaves the queue then was not cancelled.
        self.works = False

    def next(self) -> None:
        """A bar, as the parent has it: orders, then the equity, in which only the price is new on most bars."""
        self.__dict__.pop("_position_unrealized_pl", None)
        bar = self._i = len(self._data) - 1
        self._process_orders()
        equity = self._equity[bar] = float(self._cash) + self._gain(bar)
        if equity <= 0:
            # It ends here, and how is the parent's to say. The orders of this bar are done.
            self._is_done = True
            super().next()

    def _gain(self, bar: int) -> float:
        """`_position_unrealized_pl` in Python's own floats, which count as numpy's do and faster."""
        if self._cost is None:
            self._cost = float(sum(trade.size * trade.entry_price for trade in self.trades))
        gain: float = self._closes.at(bar) * self._position_size - self._cost
        return gain

    def _trades_cache_clear(self) -> None:
        super()._trades_cache_clear()
        self._cost = None

    def _process_orders(self) -> None:
        # On most bars there are none, and looking for them takes a fifth of a backtest.
        if self.orders and not self._is_done:
            self.works = True
            super()._process_orders()
            self.works = False

    def _open_trade(self, price: float, size: int, sl: Any, tp: Any, time_index: int, tag: Any) -> None:
        place = len(self.fills)
        self.fills.append((OPENS, self._i, int(time_index), float(size), float(price)))
        super()._open_trade(price, size, sl, tp, time_index, tag)
        self.trades[-1]._place = place

    def _close_trade(self, trade: Trade, price: float, time_index: int) -> None:
        if time_index < trade.entry_bar:
            # With trade_on_close an order at the last close can meet a trade that began in this bar, after it.
            # backtesting.py lets such a trade end before it begins; here it ends at the close of its bar.
            price, time_index = self.last_price, trade.entry_bar
            self.late += 1
        self.works = True
        self.fills.append((trade._place, self._i, int(time_index), float(trade.size), float(price)))
        super()._close_trade(trade, price, time_index)


class Closes:
    """The closing prices as Python's floats. A script may replace the data's arrays as it goes."""

    def __init__(self, data: _Data) -> None:
        self._data = data
        self._arrays: Any = None
        self._values: Any = None

    def at(self, bar: int) -> float:
        arrays = self._data._Data__arrays
        if arrays is not self._arrays:
            self._arrays, closes = arrays, arrays["Close"]
            # A look at the memory gives such floats, where it holds them.
            self._values = memoryview(closes) if closes.dtype == np.float64 else closes
        price: float = self._values[bar]
        return price


class Queue(list[Order]):
    """The broker's orders. Each one enters by `insert`, whether the strategy placed it or a stop belongs to a trade.

    It leaves by `remove`, whether it was filled or cancelled.
    """

    def __init__(self, broker: Broker) -> None:
        super().__init__()
        self._broker = broker

    def insert(self, index: SupportsIndex, order: Order) -> None:
        self._note(order, cancels=0)
        super().insert(index, order)

    def remove(self, order: Order) -> None:
        super().remove(order)
        if not self._broker.works:
            self._note(order, cancels=1)

    def _note(self, order: Order, *, cancels: int) -> None:
        prices = (order.limit, order.stop, order.sl, order.tp)
        self._broker.placed.append((self._broker._i, order.size, *prices, int(bool(order.parent_trade)), cancels))


def honest_stop(order: Order) -> float | None:
    """`Order.stop` of backtesting.py, but a stop-limit order that the market opened beyond is met at the open.

    backtesting.py fills it at the stop, a price that the bar may never have had.
    """
    stop: float | None = order._Order__stop_price
    if not stop or not order.limit:
        return stop
    opened: float = order._Order__broker._data._current_value("Open")
    return max(stop, opened) if order.is_long else min(stop, opened)
