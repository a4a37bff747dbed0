"""What is said of a script for its text alone, with nothing changed in it."""

from __future__ import annotations

import ast

import numpy as np

from backtests.engine.inside.script.notes import Notes
from backtests.engine.inside.script.patches.numbers import NAMES

# What numpy has of itself.
_NUMPY = frozenset(vars(np))


def observe(tree: ast.Module, notes: Notes) -> None:
    """Note names that numpy 2 lost, and comparisons that can never be true."""
    _say_numpy(tree, notes)
    _say_crossing(tree, notes)


def _say_numpy(tree: ast.Module, notes: Notes) -> None:
    for node in (node for node in ast.walk(tree) if isinstance(node, ast.Attribute)):
        is_numpy = isinstance(node.value, ast.Name) and node.value.id in ("np", "numpy")
        if is_numpy and node.attr in NAMES and node.attr not in _NUMPY:
            notes.add(f"numpy 2 has no np.{node.attr}; what it was is used.")


def _say_crossing(tree: ast.Module, notes: Notes) -> None:
    """`crossover(a[-1], b[-1])` compares each value with itself, so it is never true, and says nothing."""
    for node in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in ("crossover", "cross", "crossunder") and all(map(_is_one_value, node.args)):
            notes.add(f"{name}() is given single values ([-1]) and is never true; it has to be given the whole series.")


def _is_one_value(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) or (
        isinstance(node, ast.Subscript) and isinstance(node.slice, ast.UnaryOp | ast.Constant)
    )
