"""What a person may take along: every app adds its part here when it starts.

A part returns plain values (dicts, lists, text, numbers, moments) and never a secret: no digest, no token, no password.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from accounts.models import User, Workspace

_of_workspaces: dict[str, Callable[[Workspace], Any]] = {}
_of_people: dict[str, Callable[[User], Any]] = {}


def register(name: str, part: Callable[[Workspace], Any]) -> None:
    """Add a part to every workspace's export, under `name`."""
    _of_workspaces[name] = part


def register_person(name: str, part: Callable[[User], Any]) -> None:
    """Add a part to every person's export, under `name`."""
    _of_people[name] = part


def parts_of_workspace(workspace: Workspace) -> Mapping[str, Any]:
    """Every app's part of a workspace by name."""
    return {name: part(workspace) for name, part in sorted(_of_workspaces.items())}


def parts_of_person(user: User) -> Mapping[str, Any]:
    """Every app's part of a person by name."""
    return {name: part(user) for name, part in sorted(_of_people.items())}
