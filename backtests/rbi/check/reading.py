"""From code to findings: parse once, ask every rule."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from backtests.rbi.check import (
    captured,
    functions,
    loops,
    orders,
    outside,
    packages,
    private,
    shifted,
    smoothing,
    statistics,
)
from backtests.rbi.check.finding import ORDER, Finding
from backtests.rbi.check.module import Module
from backtests.rbi.check.syntax import explain

# Characters. The longest script seen in public collections is a fifth of it.
LONGEST = 200_000

Rule = Callable[[Module], Iterator[Finding]]

RULES: tuple[Rule, ...] = (
    packages.missing_packages,
    functions.unknown_functions,
    outside.network_use,
    outside.file_use,
    shifted.future_shifts,
    shifted.future_indexes,
    shifted.future_fills,
    shifted.early_labels,
    smoothing.centred_windows,
    smoothing.two_sided_filters,
    statistics.whole_statistics,
    statistics.whole_fits,
    statistics.last_bars,
    captured.captured_arrays,
    captured.outer_data,
    private.private_data,
    orders.no_strategy,
    orders.no_orders,
    orders.impossible_entries,
    orders.odd_orders,
    loops.endless_loops,
)


def check(code: str) -> list[Finding]:
    """Findings by line, one of a kind a line; code that is not Python has the one finding that says where and why."""
    if len(code) > LONGEST:
        return [_too_long()]
    try:
        tree = ast.parse(code)
    except SyntaxError as error:
        return [explain(error, code)]
    except (ValueError, RecursionError, MemoryError):
        return [_unreadable()]
    try:
        return _found(Module.of(tree))
    except RecursionError:
        return [_unreadable()]


def _found(module: Module) -> list[Finding]:
    found: dict[tuple[int, str], Finding] = {}
    for rule in RULES:
        for finding in rule(module):
            found.setdefault((finding.line, finding.code), finding)
    return sorted(found.values(), key=lambda finding: (finding.line, ORDER[finding.severity], finding.code))


def _too_long() -> Finding:
    text = f"The code has more than {LONGEST:,} characters."
    return Finding("too_long", "error", 1, text, "Keep the strategy and what it needs; leave data and notes out.")


def _unreadable() -> Finding:
    text = "The code cannot be read as Python: it holds a zero byte or is nested too deeply."
    return Finding("syntax", "error", 1, text, "Copy the code again as plain text.")
