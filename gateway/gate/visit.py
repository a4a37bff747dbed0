"""What the gate knows of one request, and what of a view decides how the gate treats it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.http import HttpRequest

from billing.principal import Principal
from gateway.gate.interface import Admission


@dataclass(slots=True)
class Visit:
    """A request whose payer is known: a workspace, and a key of it unless it came with a session (key_id 0)."""

    workspace_id: int
    key_id: int
    admission: Admission


class GatedRequest(HttpRequest):
    """A request behind the gate. `visit` is None while nobody pays for it, `auth` while nobody may act."""

    auth: Principal | None
    visit: Visit | None
    seen: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """How a view wants to be guarded. Views say it by attributes of the same names.

    `is_api`: needs a key or a session (portal pages guard themselves). `public`: needs neither, and a session is no
    more than a stranger to it unless it `knows_sessions`. `free`: costs nothing and answers when the minute is spent.
    `uncounted`: probes of orchestrators, outside the ceiling per address.
    `staff_permission`: the operator's token, and staff with this permission, pass without a workspace.
    """

    is_api: bool
    public: bool
    knows_sessions: bool
    free: bool
    uncounted: bool
    staff_permission: str | None
    required_scope: str | None


@lru_cache(maxsize=2048)
def rule_of(view: Callable[..., Any]) -> Rule:
    """The rule of a view as the URLconf holds it: a function, or the function of a class."""
    owner = getattr(view, "cls", None) or getattr(view, "view_class", None) or view
    given = {**getattr(view, "initkwargs", {}), **getattr(view, "view_initkwargs", {})}

    def attribute(name: str, default: Any) -> Any:
        return given.get(name, getattr(owner, name, default))

    return Rule(
        # Django REST framework marks its views with `cls`; importing it here would import our authentication.
        is_api=hasattr(view, "cls") or hasattr(owner, "required_scope") or hasattr(owner, "public"),
        public=attribute("public", False),
        knows_sessions=attribute("knows_sessions", False),
        free=attribute("free", False),
        uncounted=attribute("uncounted", False),
        staff_permission=attribute("staff_permission", None),
        required_scope=attribute("required_scope", None),
    )


# An address that no view answers: 404, but a key on it is still a key.
NOWHERE = Rule(
    is_api=False,
    public=True,
    knows_sessions=False,
    free=True,
    uncounted=False,
    staff_permission=None,
    required_scope=None,
)
