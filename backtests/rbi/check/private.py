"""Ways around the library's curtain: its private data, which holds every bar at all times."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from backtests.rbi.check.finding import Finding
from backtests.rbi.check.module import Module
from backtests.rbi.check.nodes import constant, dotted

HIDDEN = re.compile(r"^(_Data__\w+|_Strategy__\w+|_Broker__\w+|_Backtest__\w+|__data|__df|__arrays|_data|_set_length)$")
ROUND_ABOUT = frozenset(
    [
        "gc.get_objects",
        "gc.get_referrers",
        "sys._getframe",
        "inspect.stack",
        "inspect.currentframe",
        "inspect.getouterframes",
    ]
)
REMEDY = "Read self.data and self.I(...) only: they show the bars until now."


def private_data(module: Module) -> Iterator[Finding]:
    for node in ast.walk(module.body):
        if isinstance(node, ast.Attribute | ast.Call) and (told := _told(node)):
            yield Finding("private_data", "warning", node.lineno, told, REMEDY)


def _told(node: ast.Attribute | ast.Call) -> str:
    if isinstance(node, ast.Attribute):
        return _attribute(node)
    name = dotted(node.func)
    if name in ROUND_ABOUT:
        return f"{name} reaches objects that a strategy should not see."
    if name in {"getattr", "setattr", "object.__getattribute__"} and len(node.args) > 1:
        hidden = str(constant(node.args[1]))
        return f"{hidden} is private and holds all bars." if HIDDEN.match(hidden) else ""
    is_vars = name == "vars" and bool(node.args) and dotted(node.args[0]).startswith("self.data")
    return "The inside of self.data holds all bars." if is_vars else ""


def _attribute(node: ast.Attribute) -> str:
    owner = dotted(node.value)
    of_strategy = owner == "self" or owner.startswith(("self.data", "self._broker", "self._data"))
    if HIDDEN.match(node.attr) and (of_strategy or node.attr.startswith(("_Data__", "_Strategy__"))):
        return f"{node.attr} is private and holds all bars."
    is_inside = owner.startswith("self.data") and node.attr == "__dict__"
    return "The inside of self.data holds all bars." if is_inside else ""
