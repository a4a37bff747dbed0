"""Stripe's form encoding: `items[0][price]=p&metadata[x]=y&expand[]=customer` as nested values, read with types."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from billing.sandbox.errors import Missing, Refused

PART = re.compile(r"[^\[\]]+|(?<=\[)(?=\])")


class Params(dict[str, Any]):
    """One level of parameters: values are text, further Params, or lists of both.

    An empty text unsets a value. `"name" in params` tells whether it was sent at all.
    """

    def __init__(self, path: str = "") -> None:
        super().__init__()
        self.path = path

    def named(self, name: str) -> str:
        """A parameter as errors name it: `items[0][price]`."""
        return f"{self.path}[{name}]" if self.path else name

    def text(self, name: str, default: str | None = None) -> str | None:
        """A text; None (or the default) where it was not sent, None where it was unset."""
        value = self.get(name, default)
        if isinstance(value, dict | list):
            raise Refused("Invalid string", param=self.named(name))
        return value or None

    def required(self, name: str) -> str:
        """A text that must be there."""
        value = self.text(name)
        if value is None:
            raise Missing(self.named(name))
        return value

    def integer(self, name: str, default: int | None = None) -> int | None:
        """A whole number."""
        value = self.get(name, default)
        if value == "" or value is None:
            return None
        try:
            return int(value)
        except (TypeError, ValueError):
            raise Refused(
                f"Invalid integer: {value}", code="parameter_invalid_integer", param=self.named(name)
            ) from None

    def flag(self, name: str, default: bool = False) -> bool:
        """`true` or `false`."""
        value = self.get(name, "true" if default else "false")
        if value not in ("true", "false"):
            raise Refused(f"Invalid boolean: {value}", param=self.named(name))
        return bool(value == "true")

    def choice(self, name: str, among: Iterable[str], default: str | None = None) -> str | None:
        """One of several words."""
        value = self.text(name, default)
        if value is not None and value not in among:
            raise Refused(f"Invalid {name}: must be one of {', '.join(among)}", param=self.named(name))
        return value

    def mapping(self, name: str) -> Params:
        """The parameters below this one; none of them where it was not sent."""
        value = self.get(name)
        if value is None or value == "":
            return Params(self.named(name))
        if not isinstance(value, Params):
            raise Refused("Invalid object", param=self.named(name))
        return value

    def rows(self, name: str) -> list[Params]:
        """A list of objects, as `items`."""
        found = self._list(name)
        if not all(isinstance(row, Params) for row in found):
            raise Refused("Invalid array", param=self.named(name))
        return found

    def texts(self, name: str) -> list[str]:
        """A list of texts, as `expand`."""
        found = self._list(name)
        if not all(isinstance(row, str) for row in found):
            raise Refused("Invalid array", param=self.named(name))
        return found

    def write(self, obj: dict[str, Any], names: str) -> None:
        """Put the texts of these names, where they were sent, into an object; unset ones become null."""
        for name in names.split():
            if name in self:
                obj[name] = self.text(name)

    def metadata(self, old: dict[str, str] | None = None) -> dict[str, str]:
        """`metadata` merged into what was there: an empty value removes its key, an empty whole removes all."""
        if self.get("metadata") == "":
            return {}
        merged = {**(old or {}), **self.mapping("metadata")}
        return {key: value for key, value in merged.items() if value != ""}

    def _list(self, name: str) -> list[Any]:
        value = self.get(name, [])
        if value == "":
            return []
        if not isinstance(value, list):
            raise Refused("Invalid array", param=self.named(name))
        return value


def decode(*queries: str) -> Params:
    """Bodies or query strings as one tree."""
    tree: dict[str, Any] = {}
    for query in queries:
        for name, value in parse_qsl(query, keep_blank_values=True):
            _insert(tree, PART.findall(name) or [name], value)
    return _shape(tree, "")


def _insert(tree: dict[str, Any], parts: list[str], value: str) -> None:
    for part in parts[:-1]:
        below = tree.setdefault(part or str(len(tree)), {})
        if not isinstance(below, dict):
            raise Refused("Invalid parameters: one name is both a value and an object.", param=parts[0])
        tree = below
    tree[parts[-1] or str(len(tree))] = value


def _shape(tree: dict[str, Any], path: str) -> Params:
    params = Params(path)
    for name, value in tree.items():
        params[name] = _value(value, params.named(name))
    return params


def _value(value: Any, path: str) -> Any:
    if not isinstance(value, dict):
        return value
    shaped = _shape(value, path)
    if all(key.isdecimal() for key in value):
        return [shaped[key] for key in sorted(value, key=int)]
    return shaped
