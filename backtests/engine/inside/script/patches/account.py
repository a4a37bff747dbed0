"""What scripts ask of the strategy, its position, its trades and its broker, and backtesting.py calls otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from backtesting import Strategy
from backtesting.backtesting import Position, Trade, _Broker

from backtests.engine.inside.script.notes import Notes

Getter = Callable[[Any], Any]


def changes(notes: Notes) -> Iterator[tuple[Any, str, Any]]:
    yield Strategy, "__init__", _create(Strategy.__init__, notes)
    yield Strategy, "__getattr__", _asked("self", _STRATEGY, notes)
    yield _Broker, "__getattr__", _asked("self.broker", _BROKER, notes)
    yield Position, "__getattr__", _asked("self.position", _POSITION, notes)
    yield Trade, "__getattr__", _asked("trade", _TRADE, notes)
    yield Position, "__call__", lambda self: self
    yield Position, "close", _lenient_close(Position.close, notes)
    for name in ("position", "equity"):
        yield Strategy, name, property(vars(Strategy)[name].fget, _ignored(name, notes))
    for name in ("trades", "orders", "closed_trades"):
        yield Strategy, name, property(_own_or(name, vars(Strategy)[name].fget), _kept(name, notes))


def _create(real: Callable[..., None], notes: Notes) -> Callable[..., None]:
    def create(self: Strategy, broker: Any = None, data: Any = None, params: Any = None) -> None:
        # A strategy's own __init__ calls super().__init__() without arguments; the rest has been done before.
        if broker is None:
            return
        notes.strategy, notes.is_loose, notes.is_revealing = self, False, False
        real(self, broker, data, params)

    return create


def _asked(owner: str, answers: dict[str, Getter], notes: Notes) -> Callable[[Any, str], Any]:
    def get(self: Any, name: str) -> Any:
        if name not in answers:
            raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")
        notes.add(f"backtesting.py has no {owner}.{name}; what it stands for was given.")
        return answers[name](self)

    return get


def _ignored(name: str, notes: Notes) -> Callable[[Strategy, Any], None]:
    def put(self: Strategy, value: Any) -> None:
        notes.add(f"self.{name} cannot be set; backtesting.py keeps it.")

    return put


def _kept(name: str, notes: Notes) -> Callable[[Strategy, Any], None]:
    def put(self: Strategy, value: Any) -> None:
        notes.add(f"self.{name} is backtesting.py's own; the strategy's list of that name was kept beside it.")
        self.__dict__[f"_own_{name}"] = value

    return put


def _own_or(name: str, real: Getter) -> Getter:
    own = f"_own_{name}"

    def get(self: Strategy) -> Any:
        return self.__dict__[own] if own in self.__dict__ else real(self)

    return get


def _lenient_close(real: Callable[..., None], notes: Notes) -> Callable[..., None]:
    def close(self: Position, portion: Any = 1.0, **named: Any) -> None:
        if named:
            notes.add(f"position.close() has no argument {next(iter(named))}; it was left out.")
        if not isinstance(portion, int | float) or not 0 < portion <= 1:
            notes.add("position.close() takes a fraction up to 1; the whole position was closed.")
            portion = 1.0
        real(self, portion)

    return close


def _close_all(strategy: Strategy) -> Callable[..., None]:
    return lambda *_, **__: strategy.position.close()


def _called(value: Any) -> Callable[..., Any]:
    return lambda *_, **__: value


_STRATEGY: dict[str, Getter] = {
    "broker": lambda self: self._broker,
    "cash": lambda self: self._broker._cash,
    "close": _close_all,
    "close_all": _close_all,
    "close_position": _close_all,
    "log": lambda self: print,
}
_BROKER: dict[str, Getter] = {
    **dict.fromkeys(("cash", "balance"), lambda self: self._cash),
    **dict.fromkeys(("get_cash", "getcash"), lambda self: _called(self._cash)),
    **dict.fromkeys(("value", "portfolio_value", "total_value"), lambda self: self.equity),
    **dict.fromkeys(("get_value", "getvalue", "get_equity"), lambda self: _called(self.equity)),
    "starting_cash": lambda self: self._cash,
    "margin": lambda self: 1 / self._leverage,
    "commission": lambda self: self._commission_relative,
}


def _entry(position: Position) -> float | None:
    """The mean price of the open trades, weighted by size."""
    trades = position._Position__broker.trades
    size = sum(abs(trade.size) for trade in trades)
    return sum(abs(trade.size) * trade.entry_price for trade in trades) / size if size else None


def _last(name: str) -> Getter:
    def get(position: Position) -> Any:
        trades = position._Position__broker.trades
        return getattr(trades[-1], name) if trades else None

    return get


_POSITION: dict[str, Getter] = {
    **dict.fromkeys(("entry_price", "avg_price", "average_price", "price", "open_price", "avg_entry_price"), _entry),
    **{name: _last(name) for name in ("entry_time", "entry_bar", "sl", "tp", "tag")},
    **dict.fromkeys(("pnl", "profit", "unrealized_pnl"), lambda self: self.pl),
    **dict.fromkeys(("pnl_pct", "pl_percent", "profit_pct"), lambda self: self.pl_pct),
    **dict.fromkeys(("quantity", "qty", "shares", "amount"), lambda self: self.size),
    "is_open": bool,
    "is_flat": lambda self: not self,
    "trades": lambda self: tuple(self._Position__broker.trades),
}
_TRADE: dict[str, Getter] = {
    **dict.fromkeys(("pnl", "profit", "pl_abs"), lambda self: self.pl),
    **dict.fromkeys(("return_pct", "pnl_pct", "profit_pct"), lambda self: self.pl_pct),
    **dict.fromkeys(("price", "entry", "open_price"), lambda self: self.entry_price),
    "stop_loss": lambda self: self.sl,
    "take_profit": lambda self: self.tp,
    "is_open": lambda self: self.exit_bar is None,
    "is_closed": lambda self: self.exit_bar is not None,
}
