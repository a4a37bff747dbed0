"""Arrays that were kept in `init` or outside of the class: in `next` they still hold every bar."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from backtests.rbi.check.finding import Finding
from backtests.rbi.check.module import Module, Scope
from backtests.rbi.check.nodes import constant, dotted, negative

THROUGH_I = "Make it an indicator with self.I(...), which next sees bar by bar, or read self.data in next."


def captured_arrays(module: Module) -> Iterator[Finding]:
    """`self.close = self.data.Close` in `init`, then `self.close[-1]` in `next`: the last bar of all."""
    kept = {name for scope in module.all_bars() if _is_init(scope) for name in scope.whole.attributes}
    for scope in module.past():
        indexed = _indexed_by_present(scope)
        for node in scope.walk():
            if isinstance(node, ast.Attribute) and node not in indexed and _is_kept(node, kept):
                text = f"self.{node.attr} was kept in init with all bars, and plain backtesting.py does not cut it off."
                yield Finding("captured_array", "warning", node.lineno, text, THROUGH_I)


def _is_init(scope: Scope) -> bool:
    return isinstance(scope.node, ast.FunctionDef) and scope.node.name in {"init", "__init__"}


def _is_kept(node: ast.Attribute, kept: set[str]) -> bool:
    return isinstance(node.ctx, ast.Load) and node.attr in kept and dotted(node) == f"self.{node.attr}"


def _indexed_by_present(scope: Scope) -> set[ast.AST]:
    """What stands before an index that is no end and no step ahead, as in `self.regime[len(self.data) - 1]`."""
    found: set[ast.AST] = set()
    for node in scope.walk():
        if isinstance(node, ast.Subscript) and not _reaches_the_end(node.slice):
            found |= set(ast.walk(node.value))
        elif isinstance(node, ast.Call) and dotted(node.func) == "len":
            found |= set(ast.walk(node))
    return found


def _reaches_the_end(index: ast.expr) -> bool:
    if isinstance(index, ast.Slice):
        return index.upper is None or negative(index.upper)
    if isinstance(constant(index), str):
        return True
    if isinstance(index, ast.BinOp) and isinstance(index.op, ast.Add):
        return True
    return negative(index) or (isinstance(index, ast.Call) and dotted(index.func) == "len")


def outer_data(module: Module) -> Iterator[Finding]:
    """A data frame of the module, read in `next`."""
    outer = module.scopes[0].whole
    for scope in module.past():
        own = {node.id for node in scope.walk() if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        whole = outer.names - own - _arguments(scope)
        for node in scope.walk():
            if isinstance(node, ast.Name) and node.id in whole:
                text = f"{node.id} holds the whole data, those bars included that are still to come."
                yield Finding("outer_data", "warning", node.lineno, text, "Read self.data in next.")


def _arguments(scope: Scope) -> set[str]:
    return {node.arg for node in ast.walk(scope.node) if isinstance(node, ast.arg)}
