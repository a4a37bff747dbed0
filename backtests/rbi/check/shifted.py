"""Bars of the future by a shift, an index or a filling from behind."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from backtests.rbi.check.finding import Finding
from backtests.rbi.check.module import Module, Scope
from backtests.rbi.check.nodes import argument, constant, dotted, keyword, method, negative, number

SHIFTS = frozenset({"shift", "pct_change", "diff", "tshift"})
FILLS = frozenset({"bfill", "backfill"})
BACKWARD = frozenset({"bfill", "backfill", "nearest"})
# What lays a series of other times beside the bars.
BESIDE = frozenset({"reindex", "reindex_like", "merge", "merge_asof", "join", "asof", "map"})
PAST = "Use past bars only: a positive shift, or the bar's own value."


def future_shifts(module: Module) -> Iterator[Finding]:
    for scope in module.all_bars():
        for node in scope.walk():
            if isinstance(node, ast.Call) and _shifts_back(node, scope):
                yield _finding(
                    "future_shift", node, "The shift by a negative number brings later bars to this one.", PAST
                )
            elif isinstance(node, ast.Assign) and _stores_shifted(node, scope):
                yield _finding("future_shift", node, "The values are stored one or more bars too early.", PAST)


def _shifts_back(node: ast.Call, scope: Scope) -> bool:
    name = method(node) or dotted(node.func)
    if name in SHIFTS:
        return negative(argument(node, 0, "periods"))
    if name == "roll":
        return dotted(node.func) in {"np.roll", "numpy.roll"} and negative(argument(node, 1, "shift"))
    return name in {"append", "concatenate", "hstack"} and bool(node.args) and _starts_late(_first(node.args[0]), scope)


def _first(node: ast.expr) -> ast.expr:
    is_list = isinstance(node, ast.List | ast.Tuple) and node.elts
    return node.elts[0] if is_list and isinstance(node, ast.List | ast.Tuple) else node


def _starts_late(node: ast.expr, scope: Scope) -> bool:
    """`x[1:]`."""
    if not isinstance(node, ast.Subscript) or not isinstance(node.slice, ast.Slice) or node.slice.upper is not None:
        return False
    return (number(node.slice.lower) or 0) > 0 and scope.whole.holds(node.value)


def _stores_shifted(node: ast.Assign, scope: Scope) -> bool:
    """`out[:-1] = x[1:]`."""
    target = node.targets[0]
    ends_early = (
        isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Slice) and negative(target.slice.upper)
    )
    return ends_early and _starts_late(node.value, scope)


def future_indexes(module: Module) -> Iterator[Finding]:
    """`x[i + 1]` in a loop over all bars, unless the loop stores its result at a later place too."""
    for scope in module.all_bars():
        for loop in scope.walk():
            if isinstance(loop, ast.For) and not _stores_ahead(loop):
                yield from _reads_ahead(loop, scope)
    for scope in module.past():
        yield from _reads_beyond(scope)


def _stores_ahead(loop: ast.For) -> bool:
    stores = [node for node in ast.walk(loop) if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)]
    appends = any(method(node) in {"append", "add"} for node in ast.walk(loop))
    return not stores or appends or any(_is_ahead(node.slice) for node in stores)


def _reads_ahead(loop: ast.For, scope: Scope) -> Iterator[Finding]:
    for node in ast.walk(loop):
        if (
            not isinstance(node, ast.Subscript)
            or not isinstance(node.ctx, ast.Load)
            or not scope.whole.holds(node.value)
        ):
            continue
        if _is_ahead(node.slice) or (isinstance(node.slice, ast.Slice) and _is_window_ahead(node.slice)):
            text = "The loop reads bars that come after the one it computes."
            yield _finding("future_index", node, text, "Let the window end at the bar itself: x[i - n + 1:i + 1].")


def _is_ahead(index: ast.expr) -> bool:
    """`i + 1` or `i + n`, and nothing taken off."""
    if not isinstance(index, ast.BinOp) or not isinstance(index.op, ast.Add):
        return False
    return isinstance(index.left, ast.Name) and not negative(index.right)


def _is_window_ahead(index: ast.Slice) -> bool:
    """`i + 1:`, or `i:i + n` with more than the one bar that makes `i` the last."""
    if index.lower is not None and _is_ahead(index.lower):
        return True
    upper = index.upper
    if upper is None or not _is_ahead(upper) or not isinstance(upper, ast.BinOp):
        return False
    return number(upper.right) != 1


def _reads_beyond(scope: Scope) -> Iterator[Finding]:
    """`i = len(self.data) - 1` and then `self.data.Close[i + 1]`."""
    now = {name for name, value in _named(scope) if _is_now(value)}
    beyond = {name for name, value in _named(scope) if _is_length(value)}
    for node in scope.walk():
        if isinstance(node, ast.Subscript) and _is_column(node.value) and _is_beyond(node.slice, now, beyond):
            text = "The index points at the bar after the present one."
            yield _finding("future_index", node, text, "The present bar is [-1], the one before it [-2].")


def _named(scope: Scope) -> Iterator[tuple[str, ast.expr]]:
    for node in scope.walk():
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value


def _is_column(node: ast.expr) -> bool:
    name = dotted(node)
    return name.startswith("self.data") or (name.startswith("self.") and name.count(".") == 1)


def _is_length(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and dotted(node.func) == "len" and dotted(node.args[0]).startswith("self.data")


def _is_now(node: ast.expr) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub) and _is_length(node.left)


def _is_beyond(index: ast.expr, now: set[str], beyond: set[str]) -> bool:
    if _is_length(index) or (isinstance(index, ast.Name) and index.id in beyond):
        return True
    return _is_ahead(index) and isinstance(index, ast.BinOp) and dotted(index.left) in now | beyond


def future_fills(module: Module) -> Iterator[Finding]:
    for scope in module.all_bars():
        for node in scope.walk():
            if isinstance(node, ast.Call) and (told := _fills(node)):
                yield _finding("future_fill", node, told, "Fill forwards (ffill), or merge backwards.")


def _fills(node: ast.Call) -> str:
    name, way = method(node), constant(keyword(node, "method"))
    if name in FILLS or (name in {"fillna", "reindex", "asof", "get_indexer"} and way in BACKWARD):
        return "Gaps are filled with values that come later."
    if name == "interpolate" and way != "pad":
        return "Interpolation draws a gap towards the value that comes after it."
    if (name or dotted(node.func)) == "merge_asof" and constant(keyword(node, "direction")) in {"forward", "nearest"}:
        return "The merge takes the next later row."
    return ""


def early_labels(module: Module) -> Iterator[Finding]:
    """A higher timeframe labels a period by its start: read at that time, its close is the future."""
    for scope in module.all_bars():
        if not _is_laid_beside(scope):
            continue
        for node in scope.walk():
            is_early = isinstance(node, ast.Call) and constant(keyword(node, "label")) != "right"
            if isinstance(node, ast.Call) and is_early and method(node) == "resample":
                text = "A resampled bar is dated at its start, so its close is known before its time."
                remedy = 'Use backtesting.lib.resample_apply, or label="right" and a shift by one.'
                yield _finding("early_label", node, text, remedy)


def _is_laid_beside(scope: Scope) -> bool:
    """Whether series of other times are laid beside the bars, and not moved by one."""
    calls = (node for node in ast.walk(scope.node) if isinstance(node, ast.Call))
    names = {(method(node) or dotted(node.func)).rpartition(".")[2] for node in calls}
    return "shift" not in names and bool(names & BESIDE)


def _finding(code: str, node: ast.expr | ast.stmt, text: str, remedy: str) -> Finding:
    return Finding(code, "warning", node.lineno, text, remedy)
