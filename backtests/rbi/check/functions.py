"""Functions of TA-Lib that do not exist: models and forum posts invent them."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator
from importlib.resources import files

from backtests.rbi.check.finding import Finding
from backtests.rbi.check.module import Module
from backtests.rbi.check.nodes import dotted

# The names of TA-Lib's functions, one a line. The tests hold it against the installed version.
FUNCTIONS = frozenset((files("backtests.rbi.check") / "talib_functions.txt").read_text(encoding="utf-8").split())
OTHERS = frozenset({"MA_Type", "abstract", "stream", "get_functions", "get_function_groups", "set_unstable_period"})


def unknown_functions(module: Module) -> Iterator[Finding]:
    aliases = _aliases(module.tree)
    for node in ast.walk(module.body):
        if not isinstance(node, ast.Call):
            continue
        owner, _, name = dotted(node.func).rpartition(".")
        if owner in aliases and name not in FUNCTIONS | OTHERS and not name.startswith(("_", "stream_")):
            yield _finding(node.lineno, name)


def _aliases(tree: ast.AST) -> frozenset[str]:
    found = [alias for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    return frozenset(alias.asname or alias.name for alias in found if alias.name in {"talib", "talib.abstract"})


def _finding(line: int, name: str) -> Finding:
    near = difflib.get_close_matches(name.upper(), FUNCTIONS, n=2, cutoff=0.75)
    remedy = f"Did you mean {' or '.join(near)}?" if near else "Use pandas_ta for it, or compute it with pandas."
    return Finding("unknown_indicator", "error", line, f"TA-Lib has no function {name}.", remedy)
