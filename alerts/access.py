"""Who may do what with alerts: people by the row of the role table, keys by their scope.

Views have checked the scope before a Principal comes here. A key may change every alert of its workspace.
"""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Member, User, Workspace
from accounts.roles import Deed, access_deed, may
from alerts.models import Alert
from billing.principal import Principal
from moondev.lib.errors import Forbidden, NotFound

Actor = User | Principal


@dataclass(frozen=True, slots=True)
class Doer:
    """An actor in one workspace: a member with their role, or the holder of a key, who has neither."""

    user: User | None
    role: str | None
    label: str

    def may_change(self, alert: Alert) -> bool:
        """Managers and keys all alerts, members their own and the shared ones."""
        return self.role is None or may(self.role, Deed.WRITE, own=alert.is_shared or self.made(alert))

    def made(self, alert: Alert) -> bool:
        return self.user is not None and alert.created_by_id == self.user.pk

    @property
    def manages(self) -> bool:
        """Whether what they do may concern everybody's alerts."""
        return self.role is None or may(self.role, Deed.WRITE)


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


def access_alert(actor: Actor, alert: Alert) -> Doer:
    """Raise NotFound for a stranger, so that ids tell nothing, and Forbidden for a member who may not change it."""
    doer = doer_of(actor, alert.workspace_id)
    if doer is None:
        raise no_alert()
    if not doer.may_change(alert):
        raise Forbidden("This alert is somebody else's and not shared. Ask them, or the workspace's owner.")
    return doer


def access_all(actor: Actor, workspace: Workspace) -> Doer:
    """Raise NotFound for a stranger and Forbidden for a member: this concerns everybody's alerts."""
    doer = access_workspace(actor, workspace)
    if doer.role is not None:
        access_deed(doer.role, Deed.WRITE)
    return doer


def access_sharing(doer: Doer, alert: Alert) -> None:
    """Raise Forbidden when a member wants to take an alert from the others, or give away somebody else's."""
    if not (doer.manages or doer.made(alert)):
        raise Forbidden("Only who made an alert, an owner or an admin may say whether it is shared.")


def no_alert() -> NotFound:
    """404: whether the alert exists is nobody else's business."""
    return NotFound("There is no such alert.")
