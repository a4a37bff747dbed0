"""`expand[]`: ids become the objects they name, and lists that Stripe leaves out by default are put in."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from billing.sandbox.errors import Refused
from billing.sandbox.store import Object, store

# Stripe's own limit; the `data` of a list is one of them.
DEEPEST = 4
Include = Callable[[Object], Any]

_includes: dict[tuple[str, str], Include] = {}


def includes(kind: str, field: str) -> Callable[[Include], Include]:
    """Register what stands in a field only when somebody expands it: `@includes("customer", "subscriptions")`.

    Where the function says None the field stays away.
    """

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
        if len(steps) > DEEPEST:
            raise Refused(f"You cannot expand more than 4 levels of a property. Property: {path}")
        _expand(answer, steps, path)
    found: Object = shown(answer)
    return found


def _expand(node: Any, steps: list[str], path: str) -> None:
    """Expand in place. What is null or deleted ends the path quietly."""
    if isinstance(node, list):
        for row in node:
            _expand(row, steps, path)
    elif isinstance(node, dict) and steps and not node.get("deleted"):
        value = _value(node, steps[0], path)
        if value is not None:
            node[steps[0]] = value
        _expand(value, steps[1:], path)
    elif isinstance(node, str | int) and steps:
        raise _cannot(path)


def _value(node: Object, name: str, path: str) -> Any:
    """What stands in a field once it is expanded."""
    include = _includes.get((node.get("object", ""), name))
    if name not in node:
        if include is None:
            raise _cannot(path)
        return deepcopy(include(node))
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
