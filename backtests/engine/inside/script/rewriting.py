"""Changes to a script's syntax tree, where nothing at run time would tell that it does not do what it says."""

from __future__ import annotations

import ast
import importlib.util
from typing import Any, ClassVar

import pandas as pd

from backtests.engine.inside.script.dates import Dates
from backtests.engine.inside.script.frameworks import OTHERS
from backtests.engine.inside.script.notes import Notes
from backtests.engine.inside.script.observing import observe

SETTER = "__set_in_column__"
_IN_PLACE = ("fillna", "replace", "interpolate", "ffill", "bfill", "clip", "where", "mask")
_PLACES = ("iloc", "loc", "iat", "at")


def rewritten(tree: ast.Module, notes: Notes) -> ast.Module:
    """The tree as pandas 3 has to be told it. Line numbers stay."""
    tree = Dates().visit(_Rewriter(notes).visit(tree))
    _drop_unused_imports(tree, notes)
    observe(tree, notes)
    return ast.fix_missing_locations(tree)


def definitions_of(tree: ast.Module) -> ast.Module:
    """Imports, functions, classes and constants of a module, without what it does."""
    kept = [node for node in tree.body if isinstance(node, _DEFINITIONS) or _is_constant(node)]
    return ast.Module(body=[node for node in kept if not _imports_nothing(node)], type_ignores=[])


def _imports_nothing(node: ast.stmt) -> bool:
    """An import of what is not there; a definition that uses it fails by itself."""
    if isinstance(node, ast.Import):
        return not all(_is_there(alias.name) for alias in node.names)
    return isinstance(node, ast.ImportFrom) and not _is_there(node.module or "")


_DEFINITIONS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)


def _is_constant(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and not any(
        isinstance(inner, ast.Call | ast.Subscript | ast.Attribute) for inner in ast.walk(node)
    )


class _Rewriter(ast.NodeTransformer):
    """One method a kind of node."""

    chained: ClassVar[str] = 'Assignments such as df["a"][i] = b change nothing in pandas 3; they were made to.'
    in_place: ClassVar[str] = 'df["a"].fillna(..., inplace=True) changes nothing in pandas 3; it was made to.'

    def __init__(self, notes: Notes) -> None:
        self._notes = notes

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        self.generic_visit(node)
        return _set(node.targets[0], node.value, node) if len(node.targets) == 1 else node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        self.generic_visit(node)
        target = node.target
        if not isinstance(target, ast.Subscript):
            return node
        before = ast.Subscript(target.value, target.slice, ast.Load())
        return _set(target, ast.BinOp(before, node.op, node.value), node)

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        self.generic_visit(node)
        call = node.value
        if (
            not isinstance(call, ast.Call)
            or not isinstance(call.func, ast.Attribute)
            or call.func.attr not in _IN_PLACE
        ):
            return node
        others = [keyword for keyword in call.keywords if keyword.arg != "inplace"]
        column = call.func.value
        if len(others) == len(call.keywords) or not _is_column(column):
            return node
        self._notes.add(self.in_place)
        assert isinstance(column, ast.Subscript)  # noqa: S101
        target = ast.Subscript(column.value, column.slice, ast.Store())
        value = ast.Call(call.func, call.args, others)
        return ast.copy_location(ast.Assign([target], value), node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        func = node.func
        if not isinstance(func, ast.Attribute) or func.attr not in ("is_long", "is_short") or node.args:
            return node
        owner = func.value
        name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
        if name not in ("position", "trade"):
            return node
        self._notes.add(f"{name}.{func.attr} is no method; it was read as the property that it is.")
        return func


def _set(target: ast.expr, value: ast.expr, node: ast.stmt) -> ast.stmt:
    """`df["a"][...] = value` as a call. Only a DataFrame's column is treated otherwise there, and noted."""
    if not isinstance(target, ast.Subscript) or _has_slice_of_slices(target.slice):
        return node
    owner, name, kind = _column_of(target.value)
    if owner is None or name is None:
        return node
    arguments = [owner, name, ast.Constant(kind), _as_value(target.slice), value]
    return ast.copy_location(ast.Expr(ast.Call(ast.Name(SETTER, ast.Load()), arguments, [])), node)


def _is_column(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str)
    )


def _column_of(node: ast.expr) -> tuple[ast.expr | None, ast.expr | None, str]:
    """`df` and `"a"` of `df["a"]`, `df["a"].iloc` or `df.a`, and the kind of access."""
    kind = ""
    if isinstance(node, ast.Attribute) and node.attr in _PLACES and not isinstance(node.value, ast.Name):
        kind, node = node.attr, node.value
    if isinstance(node, ast.Subscript) and _is_column(node):
        return node.value, node.slice, kind
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id != "self":
        return (None, None, "") if node.attr in _PLACES else (node.value, ast.Constant(node.attr), kind or "attribute")
    return None, None, ""


def _has_slice_of_slices(node: ast.AST) -> bool:
    return isinstance(node, ast.Tuple) and any(isinstance(element, ast.Slice) for element in node.elts)


def _as_value(node: ast.expr) -> ast.expr:
    """A slice written out as `slice(...)`."""
    if not isinstance(node, ast.Slice):
        return node
    parts: list[ast.expr] = [part or ast.Constant(None) for part in (node.lower, node.upper, node.step)]
    return ast.Call(ast.Name("slice", ast.Load()), parts, [])


def setter(notes: Notes) -> Any:
    """What chained assignments are rewritten to."""

    def put(owner: Any, name: str, kind: str, place: Any, value: Any) -> None:
        if isinstance(owner, pd.DataFrame) and name in owner:
            notes.add(_Rewriter.chained)
            _put(owner, name, kind, place, value)
            return
        held = getattr(owner, name) if kind == "attribute" else owner[name]
        (getattr(held, kind) if kind in _PLACES else held)[place] = value

    return put


def _put(frame: pd.DataFrame, name: str, kind: str, place: Any, value: Any) -> None:
    column: Any = frame.columns.get_loc(name)
    by_place = kind in ("iloc", "iat") or (
        isinstance(place, int) and not pd.api.types.is_numeric_dtype(frame.index.dtype)
    )
    if by_place or (kind not in _PLACES and isinstance(place, slice)):
        frame.iloc[place, column] = value
    else:
        frame.loc[place, name] = value


def _drop_unused_imports(tree: ast.Module, notes: Notes) -> None:
    """Imports of packages that are not there, where nothing of them is used."""
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    for node in list(tree.body):
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        names = [(alias.asname or alias.name).partition(".")[0] for alias in node.names]
        module = (node.module or "") if isinstance(node, ast.ImportFrom) else node.names[0].name
        is_idle = used.isdisjoint(names) and "*" not in names and module.partition(".")[0] not in OTHERS
        if is_idle and not _is_there(module):
            notes.add(f"The import of {module or 'a file of your own'} was left out: it is not there and not used.")
            tree.body.remove(node)


def _is_there(module: str) -> bool:
    try:
        return bool(module) and importlib.util.find_spec(module.partition(".")[0]) is not None
    except (ImportError, ValueError):
        return False
