"""Who does something in a workspace: people by the row of the role table, keys by their scope.

Views have checked the scope before a Principal comes here. A key may change everything of its workspace; a member what
they made, what is shared, and what nobody made or whoever made it is gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from accounts.models import Member, User, Workspace
from accounts.roles import Deed, may
from billing.principal import Principal
from moondev.lib.errors import Forbidden, NotFound

Actor = User | Principal


class Owned(Protocol):
    """A row of a workspace that somebody made. Where rows can be shared they have `is_shared`."""

    @property
    def workspace_id(self) -> int | None: ...

    created_by_id: int | None


@dataclass(frozen=True, slots=True)
class Doer:
    """An actor in one workspace: a member with their role, or the holder of a key, who has neither."""

    user: User | None
    role: str | None
    label: str

    def may_change(self, row: Owned) -> bool:
        """Managers and keys every row, members their own, the shared ones and those that nobody made."""
        free = bool(getattr(row, "is_shared", False)) or row.created_by_id is None
        return self.role is None or may(self.role, Deed.WRITE, own=free or self.made(row))

    def made(self, row: Owned) -> bool:
        return self.user is not None and row.created_by_id == self.user.pk

    def may_share(self, row: Owned) -> bool:
        """Whether to say who else changes a row: no member gives away somebody else's, or takes it from others."""
        return self.manages or self.made(row)

    @property
    def manages(self) -> bool:
        """Whether what they do may concern everybody's rows."""
        return self.role is None or may(self.role, Deed.WRITE)

    @property
    def key_label(self) -> str:
        """The key's name for rows that say which key made them; empty for a person."""
        return "" if self.user else self.label


def doer_of(actor: Actor, workspace: Workspace | int) -> Doer | None:
    """The actor in a workspace; None for a stranger, another workspace's key and a login that is switched off."""
    workspace_id = workspace if isinstance(workspace, int) else workspace.pk
    if isinstance(actor, Principal) and actor.workspace_id != workspace_id:
        return None
    if isinstance(actor, Principal) and actor.key_id is not None:
        return Doer(None, None, f"API key {actor.key_alias}")
    user_id = actor.user_id if isinstance(actor, Principal) else actor.pk
    members = Member.objects.for_workspace(workspace_id).filter(user=user_id, user__is_active=True)
    member: Member | None = members.select_related("user").first()
    return Doer(member.user, member.role, member.user.email) if member else None


def access_workspace(actor: Actor, workspace: Workspace) -> Doer:
    """Raise NotFound unless the actor belongs to the workspace."""
    doer = doer_of(actor, workspace)
    if doer is None:
        raise NotFound("There is no such workspace.")
    return doer


def access_row(actor: Actor, row: Owned, *, what: str) -> Doer:
    """Raise NotFound for a stranger, so that ids tell nothing, and Forbidden for a member who may not change the row.

    `what` names the row in the message: "alert", "run", "folder".
    """
    # What belongs to no workspace is everybody's to read and nobody's to change.
    doer = None if row.workspace_id is None else doer_of(actor, row.workspace_id)
    if doer is None:
        raise NotFound(f"There is no such {what}.")
    if not doer.may_change(row):
        raise Forbidden(f"This {what} is somebody else's and not shared. Ask them, or the workspace's owner.")
    return doer
