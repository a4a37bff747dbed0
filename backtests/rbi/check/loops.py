"""Loops that surely never end."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from backtests.rbi.check.finding import Finding
from backtests.rbi.check.module import Module
from backtests.rbi.check.nodes import dotted

LEAVING = ast.Return | ast.Raise | ast.Yield | ast.YieldFrom
ENDLESS = frozenset({"itertools.count", "count", "itertools.cycle", "cycle"})


def endless_loops(module: Module) -> Iterator[Finding]:
    for node in ast.walk(module.body):
        if isinstance(node, ast.While) and not _leaves(node.body) and _stays(node):
            text = "The loop never ends: nothing in it changes its condition or leaves it."
            yield Finding(
                "endless_loop", "error", node.lineno, text, "Add a break, or change what the condition reads."
            )
        elif isinstance(node, ast.For) and _is_endless(node) and not _leaves(node.body):
            text = "The loop runs over something without an end and is never left."
            yield Finding("endless_loop", "error", node.lineno, text, "Loop over range(...), or add a break.")


def _is_endless(node: ast.For) -> bool:
    return isinstance(node.iter, ast.Call) and dotted(node.iter.func) in ENDLESS


def _leaves(body: list[ast.stmt]) -> bool:
    """Whether a break of this loop, a return or a raise is in it, or a call that may leave the program."""
    waiting: list[tuple[ast.AST, bool]] = [(node, True) for node in body]
    while waiting:
        node, own = waiting.pop()
        if isinstance(node, LEAVING) or (own and isinstance(node, ast.Break)):
            return True
        inside = isinstance(node, ast.For | ast.While)
        waiting.extend((child, own and not inside) for child in ast.iter_child_nodes(node))
    return False


def _stays(node: ast.While) -> bool:
    """The condition is constant, or reads only names that the loop does not touch."""
    read = [inner for inner in ast.walk(node.test) if isinstance(inner, ast.Name | ast.Attribute | ast.Call)]
    if not read:
        return bool(getattr(node.test, "value", False))
    if any(not isinstance(inner, ast.Name) for inner in read):
        return False
    return not _changed(node.body) & {inner.id for inner in read if isinstance(inner, ast.Name)}


def _changed(body: list[ast.stmt]) -> set[str]:
    """Names that are assigned, and those that a call gets: `queue.pop()` or `work(queue)` may change them."""
    nodes = [inner for statement in body for inner in ast.walk(statement)]
    names = {inner.id for inner in nodes if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store | ast.Del)}
    handed = [part for inner in nodes if isinstance(inner, ast.Call) for part in (inner.func, *inner.args)]
    return names | {inner.id for part in handed for inner in ast.walk(part) if isinstance(inner, ast.Name)}
