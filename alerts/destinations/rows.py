"""One destination's row: who may change it, and in what state it is."""

from __future__ import annotations

from typing import Any

from accounts import audit
from accounts.models import User, Workspace
from accounts.roles import Deed
from accounts.services.access import access_workspace, check_open, lock_workspace
from alerts.models import Destination
from moondev.lib.errors import Conflict


def access(workspace: Workspace, actor: User | None) -> Workspace:
    if actor is not None:
        access_workspace(actor, workspace, Deed.MANAGE)
    check_open(workspace)
    return workspace


def locked(destination: Destination, actor: User | None) -> Destination:
    """The row as it is now, locked. Raises NotFound, Forbidden, and Conflict when it was deleted."""
    # The workspace's row first, as whoever makes alerts and places does: in the other order two of them wait for ever.
    lock_workspace(destination.workspace_id)
    row: Destination = Destination.objects.select_for_update(no_key=True).get(pk=destination.pk)
    access(row.workspace, actor)
    if row.deleted_at is not None:
        raise Conflict("This destination was deleted.")
    return row


def check_usable(destination: Destination) -> None:
    """Raise Conflict when nothing may be sent to a place."""
    if destination.deleted_at is not None:
        raise Conflict("This destination was deleted.")
    if destination.disabled_at is not None:
        raise Conflict("This destination is switched off. Enable it first.")


def make_default(row: Destination) -> None:
    lock_workspace(row.workspace_id)
    Destination.objects.for_workspace(row.workspace_id).exclude(pk=row.pk).update(is_default=False)
    row.is_default = True
    row.save(update_fields=["is_default"])


def record(deed: str, row: Destination, actor: User | None, **data: Any) -> None:
    audit.record(action=f"destination.{deed}", workspace=row.workspace, actor=actor, target=row.name, **data)
