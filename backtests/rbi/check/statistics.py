"""Numbers of the whole series: a mean, a fit or the last bar, known to no one on an earlier bar."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from backtests.rbi.check.finding import Finding
from backtests.rbi.check.module import Module, Scope
from backtests.rbi.check.nodes import constant, dotted, keyword, method, negative, number
from backtests.rbi.check.whole import STATISTICS, WINDOWS

FUNCTIONS = STATISTICS | frozenset(
    [
        "nanmean",
        "nanstd",
        "nanvar",
        "nanmedian",
        "nanmin",
        "nanmax",
        "nansum",
        "amin",
        "amax",
        "average",
        "percentile",
        "nanpercentile",
        "nanquantile",
        "polyfit",
        "corrcoef",
        "zscore",
        "rankdata",
        "linregress",
        "percentileofscore",
        "boxcox",
        "qcut",
        "sorted",
        "curve_fit",
        "lstsq",
    ]
)
FITS = frozenset({"fit", "fit_transform", "fit_predict"})
MISSING = frozenset({"isnan", "isna", "isnull", "notna", "notnull", "isfinite"})
ROLLING = "Use a rolling or expanding window: x.rolling(n).mean(), x.expanding().mean()."


def whole_statistics(module: Module) -> Iterator[Finding]:
    for scope in module.all_bars():
        printed = _printed(scope)
        for node in scope.walk():
            if isinstance(node, ast.Call) and node not in printed and _is_statistic(node, scope):
                name = method(node) or dotted(node.func)
                text = f"{name} is taken over all bars, those of the future included."
                yield Finding("whole_series", "warning", node.lineno, text, ROLLING)


def _is_statistic(node: ast.Call, scope: Scope) -> bool:
    if (method(node) or dotted(node.func)) not in FUNCTIONS:
        return False
    if keyword(node, "axis") is not None or any(_counts_missing(inner) for inner in ast.walk(node)):
        return False
    on = node.func.value if isinstance(node.func, ast.Attribute) else None
    if method(node) in STATISTICS and scope.whole.holds(on):
        return not (node.args and number(node.args[0]) == 1)
    # Of `max(a, b)` each is a number; of `max(x)` x is the series.
    return bool(node.args) and not isinstance(node.args[0], ast.List | ast.Tuple) and _takes_series(node, scope)


def _takes_series(node: ast.Call, scope: Scope) -> bool:
    if dotted(node.func) in {"max", "min", "sum", "sorted"} and len(node.args) > 1:
        return False
    if method(node) in WINDOWS or dotted(node.func).split(".")[0] in {"talib", "ta", "self", "pta"}:
        return False
    return any(map(scope.whole.holds, node.args))


def _counts_missing(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and (method(node) or dotted(node.func)) in MISSING


def _printed(scope: Scope) -> set[ast.AST]:
    """What is only printed decides nothing."""
    prints = (node for node in scope.walk() if isinstance(node, ast.Call) and dotted(node.func) == "print")
    return {inner for node in prints for inner in ast.walk(node)}


def whole_fits(module: Module) -> Iterator[Finding]:
    for scope in module.all_bars():
        for node in scope.walk():
            if isinstance(node, ast.Call) and method(node) in FITS and any(map(scope.whole.holds, node.args)):
                text = "The model or scaler is fitted to all bars, those of the future included."
                remedy = "Fit it in next on the bars so far, or on a first part that is not traded."
                yield Finding("whole_series", "warning", node.lineno, text, remedy)


def last_bars(module: Module) -> Iterator[Finding]:
    """`self.data.Close[-1]` in `init` is the last bar of all, not the present one; `x[::-1]` turns time round."""
    for scope in module.all_bars():
        printed = _printed(scope)
        for node in scope.walk():
            if isinstance(node, ast.Subscript) and node not in printed and isinstance(node.ctx, ast.Load):
                yield from _last_bar(node, scope)


def _last_bar(node: ast.Subscript, scope: Scope) -> Iterator[Finding]:
    if not scope.whole.holds(node.value) or constant(node.slice) is not None:
        return
    if isinstance(node.slice, ast.Slice):
        if negative(node.slice.step):
            text = "The series is turned round, so that windows over it reach into the future."
            yield Finding("last_bar", "warning", node.lineno, text, "Keep the order of time.")
        if negative(node.slice.lower) and node.slice.upper is None:
            yield _last(node)
    elif negative(node.slice) and number(node.slice) is not None:
        yield _last(node)


def _last(node: ast.Subscript) -> Finding:
    text = "At this point a negative index means the end of all data, not the present bar."
    return Finding("last_bar", "warning", node.lineno, text, "Read [-1] in next, where only past bars are seen.")
