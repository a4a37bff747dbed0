"""What is particular about who may do what with alerts; `billing.doers` says the rest."""

from __future__ import annotations

from accounts.models import Workspace
from accounts.roles import Deed, access_deed
from alerts.models import Alert
from billing.doers import Actor, Doer, access_workspace
from moondev.lib.errors import Forbidden, NotFound


def access_all(actor: Actor, workspace: Workspace) -> Doer:
    """Raise NotFound for a stranger and Forbidden for a member: this concerns everybody's alerts."""
    doer = access_workspace(actor, workspace)
    if doer.role is not None:
        access_deed(doer.role, Deed.WRITE)
    return doer


def access_sharing(doer: Doer, alert: Alert) -> None:
    """Raise Forbidden when a member wants to take an alert from the others, or give away somebody else's."""
    if not doer.may_share(alert):
        raise Forbidden("Only who made an alert, an owner or an admin may say whether it is shared.")


def no_alert() -> NotFound:
    """404: whether the alert exists is nobody else's business."""
    return NotFound("There is no such alert.")
