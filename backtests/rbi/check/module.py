"""A module taken apart: its strategies, and which of its functions see all bars and which only those that are past."""

from __future__ import annotations

import ast
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from backtests.rbi.check.nodes import dotted
from backtests.rbi.check.whole import Whole

# `next` and what only it calls see the bars until now; `init`, indicator functions and the module itself see all.
Sees = Literal["all", "past"]
Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
BASES = frozenset({"Strategy", "SignalStrategy", "TrailingStrategy"})


@dataclass(frozen=True)
class Scope:
    """A function, or the module outside of functions, with what is known of its names."""

    node: Function | ast.Module
    sees: Sees
    whole: Whole

    def walk(self) -> list[ast.AST]:
        """Its own nodes, without those of functions and classes inside."""
        return self._own

    @cached_property
    def _own(self) -> list[ast.AST]:
        return list(walk_own(self.node.body if isinstance(self.node.body, list) else [self.node.body]))


def walk_own(body: list[ast.stmt] | list[ast.expr]) -> Iterator[ast.AST]:
    waiting: deque[ast.AST] = deque(body)
    while waiting:
        node = waiting.popleft()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            continue
        yield node
        waiting.extend(ast.iter_child_nodes(node))


@dataclass(frozen=True)
class Module:
    tree: ast.Module
    # The same without the `if __name__ == "__main__":` block, which no run executes, and what only it calls.
    body: ast.Module

    @classmethod
    def of(cls, tree: ast.Module) -> Module:
        kept = [node for node in tree.body if not _is_main(node)]
        mains = [node for node in tree.body if _is_main(node)]
        module = cls(tree, ast.Module(body=_without_readers(kept, mains), type_ignores=[]))
        # A strategy that is defined in what only the end of the script runs.
        return module if module.strategies else cls(tree, ast.Module(body=kept, type_ignores=[]))

    @cached_property
    def strategies(self) -> list[ast.ClassDef]:
        """Classes that are strategies themselves or by a base in this module."""
        known = set(BASES) | _imported_bases(self.tree)
        found: list[ast.ClassDef] = []
        for node in ast.walk(self.body):
            if isinstance(node, ast.ClassDef) and any(_last(base) in known for base in node.bases):
                known.add(node.name)
                found.append(node)
        return found

    @cached_property
    def functions(self) -> dict[str, ast.FunctionDef]:
        """Functions and methods by name; of two of one name the later."""
        return {node.name: node for node in ast.walk(self.body) if isinstance(node, ast.FunctionDef)}

    @cached_property
    def scopes(self) -> list[Scope]:
        outer = Whole.of_module(self.body)
        found = [Scope(self.body, "all", outer)]
        self._descend(self.body, "all", outer, found)
        return found

    def past(self) -> Iterator[Scope]:
        return (scope for scope in self.scopes if scope.sees == "past")

    def all_bars(self) -> Iterator[Scope]:
        return (scope for scope in self.scopes if scope.sees == "all")

    def _descend(self, node: ast.AST, sees: Sees, outer: Whole, found: list[Scope]) -> None:
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                self._descend(child, sees, outer, found)
                continue
            own: Sees = "past" if sees == "past" else self._sees(child)
            feeds = child in self._indicators or getattr(child, "name", "") in self._seen_by_all
            whole = Whole.of_function(child, outer, past=own == "past", feeds=feeds)
            found.append(Scope(child, own, whole))
            self._descend(child, own, whole, found)

    def _sees(self, node: Function) -> Sees:
        name = getattr(node, "name", "")
        return "past" if name in self._seen_by_next and name not in self._seen_by_all else "all"

    @cached_property
    def _seen_by_next(self) -> frozenset[str]:
        return self._reached("next")

    @cached_property
    def _seen_by_all(self) -> frozenset[str]:
        """Names of functions that are indicators or are called by `init` or by an indicator."""
        named = frozenset(_last(call) for call in self._indicators if isinstance(call, ast.Name | ast.Attribute))
        return (self._reached("init") | self._reached(*named) | named) - {"init", "next"}

    def _reached(self, *names: str) -> frozenset[str]:
        reached, waiting = set(names), list(names)
        while waiting:
            function = self.functions.get(waiting.pop())
            for name in _called(function) if function else ():
                if name in self.functions and name not in reached:
                    reached.add(name)
                    waiting.append(name)
        return frozenset(reached)

    @cached_property
    def _indicators(self) -> frozenset[ast.expr]:
        """What is given to `self.I` as the function: a name or a lambda."""
        calls = (node for node in ast.walk(self.body) if isinstance(node, ast.Call) and dotted(node.func) == "self.I")
        return frozenset(call.args[0] for call in calls if call.args)


def _called(function: ast.FunctionDef) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            yield _last(node.func)


def _last(node: ast.AST) -> str:
    return dotted(node).rpartition(".")[2]


def _is_main(node: ast.stmt) -> bool:
    if not isinstance(node, ast.If) or not isinstance(node.test, ast.Compare):
        return False
    sides = [node.test.left, *node.test.comparators]
    return any(isinstance(side, ast.Name) and side.id == "__name__" for side in sides)


def _without_readers(kept: list[ast.stmt], mains: list[ast.stmt]) -> list[ast.stmt]:
    """Without the functions that only `mains` and other such functions use."""
    used_by = {node: _names(node) for node in kept}
    uses = Counter(name for names in used_by.values() for name in names)
    functions = {node.name: node for node in kept if isinstance(node, ast.FunctionDef)}
    waiting = [name for main in mains for name in _names(main)]
    dropped: set[ast.stmt] = set()
    while waiting:
        function = functions.get(waiting.pop())
        if function is None or function in dropped or uses[function.name] > (function.name in used_by[function]):
            continue
        dropped.add(function)
        uses.subtract(used_by[function])
        waiting.extend(used_by[function])
    return [node for node in kept if node not in dropped]


def _names(node: ast.AST) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}


def _imported_bases(tree: ast.Module) -> set[str]:
    """`from backtesting import Strategy as S`."""
    found = [alias for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names]
    return {alias.asname for alias in found if alias.name in BASES and alias.asname}
