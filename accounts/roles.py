"""What each role may do in a workspace: the one table, asked by pages, services and the API alike.

Nothing here reads the database. A key has no role: its scopes say what it may do.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, StrEnum

from accounts.models.workspace import Role
from moondev.lib.errors import Forbidden


class Deed(StrEnum):
    """Something that a person may want to do in a workspace."""

    READ = "read data, usage, alerts and runs"
    WRITE = "create and change alerts, runs and folders"
    KEYS = "create, rotate and revoke keys"
    BILLING = "see billing, the plan and the purchased key"
    MANAGE = "change members, settings and destinations"
    OWN = "transfer or close the workspace"


class Reach(Enum):
    """On whose things a deed may be done."""

    NOTHING = 0
    # One's own things, and those that are shared with everybody in the workspace.
    OWN = 1
    # One's own, where the workspace's setting lets members have some.
    OWN_IF_ALLOWED = 2
    ALL = 3


TABLE: Mapping[Deed, Mapping[Role, Reach]] = {
    Deed.READ: {Role.OWNER: Reach.ALL, Role.ADMIN: Reach.ALL, Role.MEMBER: Reach.ALL},
    Deed.WRITE: {Role.OWNER: Reach.ALL, Role.ADMIN: Reach.ALL, Role.MEMBER: Reach.OWN},
    Deed.KEYS: {Role.OWNER: Reach.ALL, Role.ADMIN: Reach.ALL, Role.MEMBER: Reach.OWN_IF_ALLOWED},
    Deed.BILLING: {Role.OWNER: Reach.ALL, Role.ADMIN: Reach.ALL, Role.MEMBER: Reach.NOTHING},
    Deed.MANAGE: {Role.OWNER: Reach.ALL, Role.ADMIN: Reach.ALL, Role.MEMBER: Reach.NOTHING},
    Deed.OWN: {Role.OWNER: Reach.ALL, Role.ADMIN: Reach.NOTHING, Role.MEMBER: Reach.NOTHING},
}


def may(role: str, deed: Deed, *, own: bool = False, members_allowed: bool = False) -> bool:
    """Whether a role may do a deed: on one's own or a shared thing with `own`, on anybody's without.

    `members_allowed` is the workspace's setting that members may have keys of their own.
    """
    reach = TABLE[deed][Role(role)]
    if reach is Reach.OWN_IF_ALLOWED:
        return own and members_allowed
    return reach is Reach.ALL or (reach is Reach.OWN and own)


def access_deed(role: str | None, deed: Deed) -> None:
    """Raise Forbidden unless the role may do the deed on everybody's things; None is a stranger."""
    if role is None or not may(role, deed):
        raise Forbidden(f"Your role does not let you {deed.value}. Ask the workspace's owner.")
