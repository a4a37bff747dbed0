"""Numbers that a plan sets for accounts. Billing stands above and cannot be imported; it registers its checks here."""

from __future__ import annotations

from collections.abc import Callable

from accounts.models import User, Workspace

_checks: dict[str, Callable[..., None]] = {}


def register(name: str, check: Callable[..., None]) -> None:
    """Wire a check: "seats" takes (workspace, used), "workspaces" takes (user, used)."""
    _checks[name] = check


def check_seats(workspace: Workspace, used: int) -> None:
    """Raise QuotaExhausted unless one more member fits beside `used` members and open invitations."""
    _checks["seats"](workspace, used)


def check_workspaces(user: User, used: int) -> None:
    """Raise QuotaExhausted unless the user may own one more workspace beside `used` of them."""
    _checks["workspaces"](user, used)
