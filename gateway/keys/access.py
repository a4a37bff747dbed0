"""Which person may change which key: the role table of accounts, applied to keys."""

from __future__ import annotations

from accounts.models import Member, User, Workspace
from accounts.roles import Deed, may
from gateway.models import ApiKey
from moondev.lib.errors import Forbidden


def may_manage(member: Member, key: ApiKey) -> bool:
    """Whether a member may change, rotate or revoke a key of their workspace.

    Members reach only keys that they made and that are not service keys, where the workspace lets them have keys.
    """
    if member.workspace_id != key.workspace_id:
        return False
    own = key.created_by_id == member.user_id and not key.is_service_key
    return may(member.role, Deed.KEYS, own=own, members_allowed=member.workspace.members_manage_own_keys)


def may_create(member: Member) -> bool:
    """Whether a member may make a key of their own."""
    return may(member.role, Deed.KEYS, own=True, members_allowed=member.workspace.members_manage_own_keys)


def access_key(actor: User | None, key: ApiKey) -> None:
    """Raise Forbidden unless the actor may change the key. None is the system or the operator's command line."""
    if actor is None or actor.is_staff:
        return
    member = member_in(actor, key.workspace)
    if member is None or not may_manage(member, key):
        raise Forbidden("Your role does not let you change this key. Ask the workspace's owner or an admin.")


def access_new_key(actor: User | None, workspace: Workspace, *, scopes: tuple[str, ...], is_service_key: bool) -> None:
    """Raise Forbidden unless the actor may make such a key; `billing` and service keys are the managers' to give."""
    if actor is None:
        return
    member = member_in(actor, workspace)
    if member is None or not may_create(member):
        raise Forbidden("Your role does not let you make keys here. Ask the workspace's owner or an admin.")
    if not member.manages and ("billing" in scopes or is_service_key):
        raise Forbidden("Only an owner or an admin may make service keys or keys with the scope `billing`.")


def access_scopes(actor: User | None, key: ApiKey, scopes: tuple[str, ...]) -> None:
    """Raise Forbidden when somebody who does not run the workspace adds the scope `billing`."""
    if actor is None or "billing" not in scopes or "billing" in key.scopes:
        return
    member = member_in(actor, key.workspace)
    if member is None or not member.manages:
        raise Forbidden("Only an owner or an admin may give a key the scope `billing`.")


def member_in(actor: User, workspace: Workspace) -> Member | None:
    """The actor's membership, if any."""
    return Member.objects.for_workspace(workspace).filter(user=actor).select_related("workspace").first()
