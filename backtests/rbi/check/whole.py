"""Which names hold a whole series, that is every bar of the data: those in which a reader can see the future."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Set
from dataclasses import dataclass, field, replace

from backtests.rbi.check.nodes import constant, dotted, keyword, method

COLUMNS = frozenset({"open", "high", "low", "close", "volume", "adj close"})
VIEWS = frozenset({"s", "df", "values", "array", "T", "loc", "iloc", "iat", "at"})
READERS = frozenset({"read_csv", "read_parquet", "read_feather", "read_excel", "read_json", "read_pickle"})
SAMPLES = frozenset({"GOOG", "EURUSD", "BTCUSD"})
WINDOWS = frozenset({"rolling", "ewm", "expanding", "groupby", "resample"})
# These give one number of a series.
STATISTICS = frozenset(
    [
        "mean",
        "std",
        "var",
        "median",
        "min",
        "max",
        "quantile",
        "sum",
        "mode",
        "skew",
        "kurt",
        "sem",
        "mad",
        "ptp",
        "idxmax",
        "idxmin",
        "argmax",
        "argmin",
        "describe",
        "rank",
        "corr",
        "cov",
        "autocorr",
        "nlargest",
        "nsmallest",
    ]
)
# These give something else than a series of the same length.
OTHERS = frozenset(
    [
        "len",
        "float",
        "int",
        "bool",
        "str",
        "print",
        "range",
        "enumerate",
        "zip",
        "any",
        "all",
        "isinstance",
        "zeros_like",
        "ones_like",
        "empty_like",
        "full_like",
        "zeros",
        "ones",
        "empty",
        "full",
        "arange",
        "first_valid_index",
        "last_valid_index",
        "item",
        "tolist",
        "keys",
        "items",
        "plot",
        "info",
        "head",
        "tail",
        "resample_apply",
        "crossover",
        "cross",
    ]
)
SCALARS = re.compile(
    r"(^|_)(n|k|q|period|periods|length|len|window|win|lookback|span|mult|multiplier|factor|alpha|level|threshold|size"
    r"|fast|slow|signal|bars|std|dev|nbdev\w*|num\w*|lag|order|width|weights?|kernel|offset|limit|pct|percent|ratio|\w*\d)$"
)
Made = ast.Assign | ast.AnnAssign | ast.NamedExpr


@dataclass(frozen=True)
class Whole:
    """The names of one scope that hold every bar; `columns` whether `self.data.Close` does."""

    names: Set[str]
    columns: bool
    # `self.x` of `init`, by their line, that were not made by `self.I`.
    attributes: dict[str, int] = field(default_factory=dict)
    # Names of what `self.I` made.
    indicators: frozenset[str] = frozenset()
    # What is known of expressions, once all names are.
    known: dict[ast.AST, bool] | None = field(default=None, compare=False)

    @classmethod
    def of_module(cls, tree: ast.Module) -> Whole:
        return cls(SAMPLES, columns=False)._read(tree.body)

    @classmethod
    def of_function(
        cls, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, outer: Whole, *, past: bool, feeds: bool
    ) -> Whole:
        """`feeds`: an indicator or called by one, so that its arguments are series unless they look like numbers."""
        if past:
            return cls(frozenset(), columns=False)
        own = {argument.arg for argument in ast.walk(node.args) if isinstance(argument, ast.arg)}
        names = outer.names - own | (frozenset(_series_arguments(node.args)) if feeds else frozenset())
        scope = cls(names, columns=True)
        return replace(scope, known={}) if isinstance(node, ast.Lambda) else scope._read(node.body)

    def holds(self, node: ast.AST | None) -> bool:
        """Whether the expression is a series with a value for every bar, those of the future included."""
        if node is None or self.known is None:
            return self._holds(node)
        if node not in self.known:
            self.known[node] = self._holds(node)
        return self.known[node]

    def _holds(self, node: ast.AST | None) -> bool:
        match node:
            case ast.Name(id=name):
                return name in self.names
            case ast.Attribute():
                return self._holds_attribute(node)
            case ast.Subscript():
                return self._holds_subscript(node)
            case ast.Call():
                return self._holds_call(node)
            case _:
                return self._holds_operation(node)

    def _holds_attribute(self, node: ast.Attribute) -> bool:
        name = dotted(node)
        if name.startswith("self.data."):
            return self.columns and (name.count(".") > 2 or node.attr == "df" or node.attr.lower() in COLUMNS)
        if name.startswith("self.") and name.count(".") == 1:
            return node.attr in self.attributes
        is_view = node.attr in VIEWS or node.attr.lower() in COLUMNS
        return is_view and self.holds(node.value)

    def _holds_subscript(self, node: ast.Subscript) -> bool:
        is_column = isinstance(constant(node.slice), str) or isinstance(node.slice, ast.List | ast.Compare)
        if dotted(node.value) == "self.data":
            return self.columns and is_column
        unbounded = isinstance(node.slice, ast.Slice) and node.slice.lower is None and node.slice.upper is None
        return (is_column or unbounded) and self.holds(node.value)

    def _holds_call(self, node: ast.Call) -> bool:
        name = method(node) or dotted(node.func)
        if name in WINDOWS:
            return False
        if name in READERS or self._holds_window(node):
            return True
        if name in OTHERS or (name in STATISTICS and keyword(node, "axis") is None):
            return False
        on = node.func.value if isinstance(node.func, ast.Attribute) else None
        return any(map(self.holds, [on, *node.args, keyword(node, "data")]))

    def _holds_operation(self, node: ast.AST | None) -> bool:
        match node:
            case ast.BinOp(left=left, right=right):
                return self.holds(left) or self.holds(right)
            case ast.UnaryOp(operand=operand):
                return self.holds(operand)
            case ast.Compare(left=left, comparators=others):
                return any(map(self.holds, [left, *others]))
            case ast.IfExp(body=body, orelse=orelse):
                return self.holds(body) or self.holds(orelse)
            case ast.List(elts=elements) | ast.Tuple(elts=elements):
                return any(map(self.holds, elements))
            case ast.Starred(value=value):
                return self.holds(value)
        return False

    def _holds_window(self, node: ast.Call) -> bool:
        """`x.rolling(20).mean()`: one value a bar again, when x has one."""
        inner = node.func.value if isinstance(node.func, ast.Attribute) else None
        while isinstance(inner, ast.Call | ast.Attribute | ast.Subscript):
            if isinstance(inner, ast.Call) and method(inner) in WINDOWS and isinstance(inner.func, ast.Attribute):
                return self.holds(inner.func.value)
            inner = inner.func if isinstance(inner, ast.Call) else inner.value
        return False

    def _read(self, body: list[ast.stmt]) -> Whole:
        """More than once over the assignments, since in a loop one may rest on a later one."""
        known = self
        for _ in range(3):
            known = known._learn(body)
        return replace(known, known={})

    def _learn(self, body: list[ast.stmt]) -> Whole:
        names, attributes, indicators = set(self.names), dict(self.attributes), set(self.indicators)
        lost: set[str] = set()
        # It sees what the loop adds.
        known = Whole(names, self.columns, attributes)
        for target, value in _assigned(body):
            shown = _is_indicator(value) or (isinstance(value, ast.Name) and value.id in indicators)
            if isinstance(target, ast.Name):
                (names if known.holds(value) else lost).add(target.id)
                indicators |= {target.id} if shown else set()
            elif dotted(target).startswith("self.") and known.holds(value) and not shown:
                attributes.setdefault(dotted(target).removeprefix("self."), target.lineno)
        return Whole(frozenset(names - lost), self.columns, attributes, frozenset(indicators))


def _assigned(body: list[ast.stmt]) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Targets and values in the order in which they stand."""
    waiting: list[ast.AST] = list(reversed(body))
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            continue
        if isinstance(node, Made) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from ((single, node.value) for target in targets for single in _singles(target))
        waiting.extend(reversed(list(ast.iter_child_nodes(node))))


def _singles(target: ast.expr) -> list[ast.expr]:
    return list(target.elts) if isinstance(target, ast.Tuple | ast.List) else [target]


def _series_arguments(arguments: ast.arguments) -> Iterator[str]:
    """Arguments without a default whose name or annotation does not say that they are a number."""
    given = [*arguments.posonlyargs, *arguments.args]
    for argument in given[: len(given) - len(arguments.defaults)]:
        is_number = argument.annotation is not None and dotted(argument.annotation) in {"int", "float", "bool", "str"}
        if argument.arg not in {"self", "cls"} and not is_number and not SCALARS.search(argument.arg):
            yield argument.arg
    if arguments.vararg:
        yield arguments.vararg.arg


def _is_indicator(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and dotted(node.func) in {"self.I", "resample_apply"}
