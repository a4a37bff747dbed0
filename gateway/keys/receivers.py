"""What keys do when something below them changes: news from accounts and billing."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from accounts import audit
from accounts.models import Workspace
from accounts.signals import member_demoted, member_left, workspace_closing, workspace_erasing, workspace_reopened
from billing.signals import entitlement_changed
from gateway.keys import changes, pending
from gateway.keys.access import MANAGERS_SCOPE
from gateway.models import ApiKey


def tell_terms(sender: object, *, workspace_id: int | None, **_: Any) -> None:
    """A plan was granted or taken away, or (None) the plan itself was edited. Sent after commit."""
    changes.publish(workspace_id)


def provide_purchased_key(sender: object, *, workspace_id: int | None, **_: Any) -> None:
    """Who has just begun to pay and has no key finds one in the portal. Sent after commit."""
    if workspace_id is not None:
        pending.provide_key(workspace_id)


def tell_state(sender: object, *, workspace: Workspace, **_: Any) -> None:
    """Keys of a closed workspace stop, and work again when it is reopened. Sent after commit."""
    changes.publish(workspace.pk, stops=True)


def revoke_leavers_keys(sender: object, *, workspace: Workspace, user_id: int, **_: Any) -> None:
    """A leaver's keys stop with them; service keys and the one nobody has seen yet belong to the workspace.

    Sent inside the transaction.
    """
    for key in own_keys(workspace, user_id):
        revoke(key, "its maker left")
    changes.publish_on_commit(workspace.pk, stops=True)


def narrow_demoted_keys(sender: object, *, workspace: Workspace, user_id: int, **_: Any) -> None:
    """Who no longer sees billing keeps no key that does; one that may nothing else stops. Service keys stay.

    Sent inside the transaction.
    """
    for key in own_keys(workspace, user_id).filter(scopes__contains=[MANAGERS_SCOPE]):
        left = [scope for scope in key.scopes if scope != MANAGERS_SCOPE]
        if left:
            narrow(key, left)
        else:
            revoke(key, "its maker runs the workspace no longer")
    changes.publish_on_commit(workspace.pk, stops=True)


def own_keys(workspace: Workspace, user_id: int) -> Any:
    """A person's own keys that are not revoked, locked. The one nobody has seen yet belongs to the workspace."""
    keys = ApiKey.objects.for_workspace(workspace).filter(created_by_id=user_id, is_service_key=False)
    # By id, which is the order in which the folding of usage locks them.
    return keys.filter(is_pending=False, revoked_at=None).select_for_update().order_by("pk")


def revoke(key: ApiKey, reason: str) -> None:
    """Stop a key for good, by the system."""
    key.revoked_at = timezone.now()
    key.save(update_fields=["revoked_at"])
    record("key.revoked", key, reason=reason)


def narrow(key: ApiKey, scopes: list[str]) -> None:
    """Take scopes from a key, by the system."""
    before, key.scopes = key.scopes, scopes
    key.save(update_fields=["scopes"])
    record("key.updated", key, before={"scopes": before}, after={"scopes": scopes})


def record(action: str, key: ApiKey, **data: Any) -> None:
    target = f"{key.name} #{key.pk}"
    audit.record(action=action, workspace=key.workspace, target=target, key=key.pk, **data)


def erase_keys(sender: object, *, workspace: Workspace, **_: Any) -> None:
    """Keys, digests and names go; usage totals have no name in them and stay. Sent inside the transaction."""
    ApiKey.objects.for_workspace(workspace).delete()
    changes.publish_on_commit(workspace.pk, stops=True)


def connect() -> None:
    """Called once, when the app starts."""
    entitlement_changed.connect(tell_terms, dispatch_uid="gateway.keys.entitlement_changed")
    entitlement_changed.connect(provide_purchased_key, dispatch_uid="gateway.keys.provide_purchased_key")
    workspace_closing.connect(tell_state, dispatch_uid="gateway.keys.workspace_closing")
    workspace_reopened.connect(tell_state, dispatch_uid="gateway.keys.workspace_reopened")
    member_left.connect(revoke_leavers_keys, dispatch_uid="gateway.keys.member_left")
    member_demoted.connect(narrow_demoted_keys, dispatch_uid="gateway.keys.member_demoted")
    workspace_erasing.connect(erase_keys, dispatch_uid="gateway.keys.workspace_erasing")
