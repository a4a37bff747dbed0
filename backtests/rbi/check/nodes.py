"""Readings of single nodes of a syntax tree."""

from __future__ import annotations

import ast


def dotted(node: ast.AST) -> str:
    """`self.data.Close` of the attribute that is written so; empty for anything that is more than names and dots."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([node.id, *reversed(parts)])


def method(node: ast.AST) -> str:
    """The name of the method that a call calls, whatever it is called on."""
    return node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""


def number(node: ast.AST | None) -> float | None:
    """The number that is written there, with its sign."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = number(node.operand)
        return None if inner is None else -inner
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return float(node.value)
    return None


def negative(node: ast.AST | None) -> bool:
    """Whether it is a number below zero or something with a minus before it."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return number(node) != 0
    value = number(node)
    return value is not None and value < 0


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((item.value for item in call.keywords if item.arg == name), None)


def argument(call: ast.Call, place: int, name: str) -> ast.expr | None:
    """The argument of that place or that name."""
    return call.args[place] if len(call.args) > place else keyword(call, name)


def constant(node: ast.AST | None) -> object:
    return node.value if isinstance(node, ast.Constant) else None
