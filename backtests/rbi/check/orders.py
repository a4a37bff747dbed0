"""Strategies that will never trade, and orders that the library refuses."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from backtests.rbi.check.finding import Finding
from backtests.rbi.check.module import Module
from backtests.rbi.check.nodes import dotted, keyword, number

ORDERS = frozenset({"self.buy", "self.sell"})
# `SignalStrategy` of the library trades by its signal.
SIGNALS = frozenset({"self.set_signal"})
IN_MARKET = frozenset({"self.position", "self.position.is_long", "self.position.is_short", "self.position.size"})


def no_strategy(module: Module) -> Iterator[Finding]:
    if not module.strategies:
        text = "No class is a backtesting.py Strategy."
        yield Finding("no_strategy", "error", 1, text, "Write a class Mine(Strategy) with init and next.")
        return
    if "next" not in module.functions and not _calls(module.body, SIGNALS):
        text = "The strategy has no next method, which is called on every bar."
        line = module.strategies[-1].lineno
        yield Finding("no_next", "error", line, text, "Add def next(self) with the entries and exits.")


def no_orders(module: Module) -> Iterator[Finding]:
    if module.strategies and "next" in module.functions and not _calls(module.body, ORDERS | SIGNALS):
        text = "The strategy never calls self.buy or self.sell, so it never trades."
        remedy = "Call self.buy() or self.sell() in next where it should enter."
        yield Finding("never_trades", "error", module.strategies[-1].lineno, text, remedy)


def impossible_entries(module: Module) -> Iterator[Finding]:
    """Every order stands where it is never reached: under `if False`, or only under `if self.position`."""
    orders = _calls(module.body, ORDERS)
    reached = set(orders)
    for branch in _never(module.body):
        reached.difference_update(_within(branch))
    if orders and not reached:
        text = "The orders are reached only when they cannot be: the condition is never true without a position."
        yield Finding("never_trades", "error", orders[0].lineno, text, "Enter with `if not self.position`.")


def _calls(tree: ast.AST, names: frozenset[str]) -> list[ast.Call]:
    """Calls, and the method handed on under another name counts too."""
    direct = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and dotted(node.func) in names]
    if direct:
        return direct
    handed = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and dotted(node) in names]
    return [ast.Call(func=node, args=[], keywords=[], lineno=node.lineno, col_offset=0) for node in handed]


def _never(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and (_is_false(node.test) or _needs_position(node.test)):
            yield node.body
        elif isinstance(node, ast.If) and _is_always(node.test):
            yield node.orelse


def _is_false(test: ast.expr) -> bool:
    if isinstance(test, ast.Constant):
        return not test.value
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        return any(map(_is_false, test.values)) or _contradicts(test.values)
    return isinstance(test, ast.Compare) and _contradicts([test])


def _needs_position(test: ast.expr) -> bool:
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        return any(map(_needs_position, test.values))
    return dotted(test) in IN_MARKET


def _is_always(test: ast.expr) -> bool:
    return isinstance(test, ast.Constant) and bool(test.value)


def _contradicts(tests: list[ast.expr]) -> bool:
    """`x > 70 and x < 30`."""
    least: dict[str, float] = {}
    most: dict[str, float] = {}
    for test in tests:
        bound = number(test.comparators[0]) if isinstance(test, ast.Compare) and len(test.ops) == 1 else None
        if bound is None or not isinstance(test, ast.Compare):
            continue
        what = ast.dump(test.left)
        if isinstance(test.ops[0], ast.Gt | ast.GtE):
            least[what] = max(bound, least.get(what, bound))
        elif isinstance(test.ops[0], ast.Lt | ast.LtE):
            most[what] = min(bound, most.get(what, bound))
    return any(what in most and least[what] > most[what] for what in least)


def _within(body: list[ast.stmt]) -> Iterator[ast.AST]:
    for statement in body:
        yield from ast.walk(statement)


def odd_orders(module: Module) -> Iterator[Finding]:
    for order in _calls(module.body, ORDERS):
        is_buy = dotted(order.func) == "self.buy"
        yield from _size(order)
        for name, wrong_above in (("sl", is_buy), ("tp", not is_buy)):
            if _is_beyond(keyword(order, name), above=wrong_above):
                yield _wrong_side(order, name, is_buy=is_buy)


def _size(order: ast.Call) -> Iterator[Finding]:
    size = number(keyword(order, "size"))
    if size is None:
        return
    if size <= 0:
        yield Finding("size", "error", order.lineno, "A size of zero or less buys nothing.", "Use a size above zero.")
    elif size > 1 and size != int(size):
        text = "A size is a fraction of the equity below 1, or a whole number of units."
        yield Finding("size", "warning", order.lineno, text, "Round the size, or write the fraction.")


def _is_beyond(price: ast.expr | None, *, above: bool) -> bool:
    """`close * 1.02` or `close * (1 + 0.02)` is above the price, `close * 0.98` below."""
    if not isinstance(price, ast.BinOp) or not isinstance(price.op, ast.Mult):
        return False
    factor = next((value for side in (price.left, price.right) if (value := _factor(side)) is not None), None)
    return factor is not None and (factor > 1 if above else factor < 1)


def _factor(node: ast.expr) -> float | None:
    """The number, or of `1 + something` and `1 - something` one that lies on the same side of 1."""
    if isinstance(node, ast.BinOp) and number(node.left) == 1 and isinstance(node.op, ast.Add | ast.Sub):
        return 2.0 if isinstance(node.op, ast.Add) else 0.5
    return number(node)


def _wrong_side(order: ast.Call, name: str, *, is_buy: bool) -> Finding:
    what = "stop" if name == "sl" else "target"
    side = "above" if is_buy == (name == "sl") else "below"
    text = f"The {what} of a {'buy' if is_buy else 'sell'} lies {side} the price, so the order is refused."
    return Finding("wrong_side", "error", order.lineno, text, f"Put the {what} on the other side of the price.")
