"""The purchased key: a workspace without any key gets one when it pays, and sees its secret once, when it asks.

Until somebody asks there is no secret at all, so none is stored, mailed or passed through Stripe.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Min, Q

from accounts import audit
from accounts.models import User, Workspace
from accounts.roles import Deed
from accounts.services.access import access_workspace, check_open, lock_workspace
from accounts.services.workspaces import owner_of
from billing.models import Entitlement
from billing.principal import DEFAULT_SCOPES
from gateway.keys import changes
from gateway.keys.secrets import new_secret, row_of
from gateway.models import ApiKey
from moondev.lib.errors import Conflict

NAME = "First key"


def pending_of(workspace: Workspace | int) -> ApiKey | None:
    """The key that waits to be revealed."""
    keys = ApiKey.objects.for_workspace(workspace).filter(is_pending=True, revoked_at=None)
    found: ApiKey | None = keys.first()
    return found


def key_to_reveal(workspace: Workspace) -> ApiKey | None:
    """The key that waits to be revealed, made now if the news that the workspace pays is still on its way here.

    So nobody is sent on from paying without it, and none is missing for good where a process died over that news.
    """
    return pending_of(workspace) or provide_key(workspace.pk)


def provide_key(workspace_id: int) -> ApiKey | None:
    """Make the pending key of an open workspace that pays and has no key; None when there is no need of one."""
    if not _needs_key(workspace_id):
        return None
    with transaction.atomic():
        workspace = Workspace.objects.select_for_update(no_key=True).filter(pk=workspace_id, closed_at=None).first()
        # Once more under the lock, where two of them at once see one another.
        if workspace is None or not _needs_key(workspace_id):
            return None
        return _make(workspace)


@transaction.atomic
def reveal(*, workspace: Workspace, actor: User) -> tuple[ApiKey, str]:
    """Make the pending key's secret. Returns the key and the secret, which exists nowhere else.

    Raises NotFound for a stranger, Forbidden for a member, Conflict when the workspace is closed or the key was
    revealed before.
    """
    found = lock_workspace(workspace)
    access_workspace(actor, found, Deed.BILLING)
    check_open(found)
    key = pending_of(found)
    # From now on it is the key of whoever has seen it, and stops when they leave as any other does.
    seen = {"is_pending": False, "created_by": actor}
    if key is None or not ApiKey.objects.filter(pk=key.pk, is_pending=True).update(**seen):
        raise Conflict("The key was revealed before, and is shown only once. Rotate it, or make a new one.")
    key.refresh_from_db()
    secret = new_secret(key.mode)
    row = row_of(secret)
    row.key = key
    row.save()
    _record("key.revealed", key, actor, secret=str(row))
    changes.publish_on_commit(found.pk)
    return key, secret


def _needs_key(workspace_id: int) -> bool:
    """Whether a workspace pays and has no key. One that has stopped its keys since it pays wants none."""
    since = _paid_since(workspace_id)
    if since is None:
        return False
    keys = ApiKey.objects.for_workspace(workspace_id)
    return not keys.filter(Q(revoked_at=None) | Q(revoked_at__gte=since)).exists()


def _paid_since(workspace_id: int) -> datetime | None:
    grants = Entitlement.objects.for_workspace(workspace_id).in_force().filter(source=Entitlement.Source.STRIPE)
    since: datetime | None = grants.order_by().aggregate(since=Min("starts_at"))["since"]
    return since


def _make(workspace: Workspace) -> ApiKey:
    key = ApiKey.objects.create(
        workspace=workspace,
        created_by=owner_of(workspace),
        name=NAME,
        scopes=list(DEFAULT_SCOPES),
        is_pending=True,
    )
    _record("key.provided", key, None, scopes=key.scopes)
    return key


def _record(action: str, key: ApiKey, actor: User | None, **data: Any) -> None:
    target = f"{key.name} #{key.pk}"
    audit.record(action=action, workspace=key.workspace, actor=actor, target=target, key=key.pk, **data)
