"""`expand[]`: ids become the objects they name, and lists that Stripe leaves out by default are put in."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from billing.sandbox.errors import Refused
from billing.sandbox.store import Object, store

# Stripe's own limit; `data.` of a list does not count.
DEEPEST = 4
Include = Callable[[Object], Any]

_includes: dict[tuple[str, str], Include] = {}


def includes(kind: str, field: str) -> Callable[[Include], Include]:
    """Register what stands in a field only when somebody expands it: `@includes("customer", "subscriptions")`."""

    def keep(make: Include) -> Include:
        _includes[kind, field] = make
        return make

    return keep


def listing(url: str, rows: list[Object], *, has_more: bool = False) -> Object:
    """A list as Stripe writes it."""
    return {"object": "list", "data": rows, "has_more": has_more, "url": url}


def shown(obj: Any) -> Any:
    """A copy without the sandbox's own fields, as it leaves the house."""
    if isinstance(obj, dict):
        return {name: shown(value) for name, value in obj.items() if not name.startswith("_")}
    if isinstance(obj, list):
        return [shown(row) for row in obj]
    return obj


def expanded(obj: Object, paths: list[str]) -> Object:
    """A copy to send, with these paths expanded. Raises Refused for one that cannot be."""
    answer = deepcopy(obj)
    for path in paths:
        steps = path.split(".")
        if len(steps) - (steps[0] == "data") > DEEPEST:
            raise Refused(f"You cannot expand more than 4 levels of a property. Property: {path}")
        _expand(answer, steps, path)
    found: Object = shown(answer)
    return found


def _expand(node: Any, steps: list[str], path: str) -> None:
    if not steps or node is None:
        return
    if isinstance(node, list):
        for row in node:
            _expand(row, steps, path)
        return
    name, rest = steps[0], steps[1:]
    if not isinstance(node, dict):
        raise _cannot(path)
    if node.get("deleted"):
        return
    node[name] = _value(node, name, path, is_last=not rest)
    _expand(node[name], rest, path)


def _value(node: Object, name: str, path: str, *, is_last: bool) -> Any:
    include = _includes.get((node.get("object", ""), name))
    if include is not None and not isinstance(node.get(name), dict | list):
        return deepcopy(include(node))
    if name not in node:
        raise _cannot(path)
    value = node[name]
    if isinstance(value, list):
        return [_found(row) or row if isinstance(row, str) else row for row in value]
    if not isinstance(value, str):
        return value
    found = _found(value)
    if found is None:
        raise _cannot(path)
    return found


def _found(id: str) -> Object | None:
    return deepcopy(store().find(id))


def _cannot(path: str) -> Refused:
    return Refused(f"This property cannot be expanded ({path}).")
