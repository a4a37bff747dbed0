"""Dates in a script that were those of its author's data: picking them out of another data set would leave nothing."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from backtests.engine.inside.script.data.wishes import meaning
from backtests.engine.inside.script.notes import Notes

CUT, SOME = "__cut__", "__some__"
_SAID = "The script picks dates that the data set does not have; all of its bars were used."
_DATE = re.compile(r"^\d{4}(?:[-/.]\d{1,2}(?:[-/.]\d{1,2})?)?(?:[ T].*)?$")


class Dates(ast.NodeTransformer):
    """`df.loc["2020":"2022"]` and `df.index >= "2020-01-01"` through functions that look whether anything is left.

    Only outside of classes: what a strategy does on each bar is left alone.
    """

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        self.generic_visit(node)
        bounds = node.slice
        if not isinstance(node.ctx, ast.Load) or not isinstance(bounds, ast.Slice) or bounds.step is not None:
            return node
        if not any(_may_be_date(bound) for bound in (bounds.lower, bounds.upper)):
            return node
        parts: list[ast.expr] = [bound or ast.Constant(None) for bound in (bounds.lower, bounds.upper)]
        return ast.copy_location(ast.Call(ast.Name(CUT, ast.Load()), [node.value, *parts], []), node)

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        if not _is_time(node.left) or len(node.ops) != 1 or isinstance(node.ops[0], ast.Eq | ast.NotEq | ast.In):
            return node
        return ast.copy_location(ast.Call(ast.Name(SOME, ast.Load()), [node], []), node)


def _may_be_date(node: ast.expr | None) -> bool:
    """A text that is a date, or a name or a call that may hold one."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and bool(_DATE.match(node.value))
    return isinstance(node, ast.Name | ast.Call | ast.Attribute)


def _is_time(node: ast.expr) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr in ("index", "date", "year")
    is_column = isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant)
    return is_column and meaning(node.slice.value) == "time"  # type: ignore[attr-defined]


def functions(notes: Notes) -> dict[str, Callable[..., Any]]:
    """What the rewritten places call."""

    def cut(owner: Any, lower: Any, upper: Any) -> Any:
        found = owner[lower:upper]
        table = owner.obj if hasattr(owner, "obj") else owner
        dated = any(isinstance(bound, str | date | np.datetime64) for bound in (lower, upper))
        if dated and isinstance(table, pd.DataFrame | pd.Series) and not len(found) and len(table):
            notes.add(_SAID)
            return table.copy()
        return found

    def some(compared: Any) -> Any:
        if isinstance(compared, np.ndarray | pd.Series) and len(compared) and not compared.any():
            notes.add(_SAID)
            return ~compared
        return compared

    return {CUT: cut, SOME: some}
