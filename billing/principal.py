"""Who is asking: the one object that a request carries once it is known, as `request.auth`."""

from __future__ import annotations

from dataclasses import dataclass

from billing.terms import Terms

SCOPES = ("data", "alerts", "backtests", "license", "billing")
DEFAULT_SCOPES = ("data", "alerts", "backtests", "license")


@dataclass(frozen=True, slots=True)
class Principal:
    """A key's or a session's right to act in one workspace.

    `key_id` is None for a session, `user_id` and `role` are None for a key: a key never carries a person's rights.
    """

    workspace_id: int
    workspace_slug: str
    terms: Terms
    scopes: frozenset[str]
    limit_per_minute: int
    key_id: int | None = None
    key_alias: str = ""
    user_id: int | None = None
    role: str | None = None

    def may(self, scope: str) -> bool:
        return scope in self.scopes
