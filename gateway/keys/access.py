"""Who may make and change keys: the role table's row, and what only those who run the workspace may give a key."""

from __future__ import annotations

from collections.abc import Collection

from accounts.models import Member, User, Workspace
from accounts.roles import Deed, may
from gateway.models import ApiKey
from moondev.lib.errors import Forbidden, NotFound

# A key with this scope can open the billing portal, so only those who see billing may hand it out.
MANAGERS_SCOPE = "billing"


def may_manage(member: Member, key: ApiKey) -> bool:
    """Whether a member may rotate, change and stop a key: managers all of them, others their own if they may have any.

    A service key belongs to the workspace and never to the person who made it.
    """
    if member.workspace_id != key.workspace_id:
        return False
    return _may(member, own=key.created_by_id == member.user_id and not key.is_service_key)


def may_create(member: Member, *, is_service_key: bool = False) -> bool:
    """Whether a member may make a key of their own, or a service key."""
    return _may(member, own=not is_service_key)


def member_of(actor: User, workspace: Workspace) -> Member | None:
    """A person's membership; None for a stranger and for somebody whose login is switched off."""
    found: Member | None = (
        Member.objects.for_workspace(workspace).filter(user=actor).select_related("workspace").first()
    )
    return found if actor.is_active else None


def access_key(member: Member | None, key: ApiKey) -> None:
    """Raise NotFound for a stranger, so that ids tell nothing, and Forbidden for a member who may not."""
    if member is None or member.workspace_id != key.workspace_id:
        raise no_key()
    if not may_manage(member, key):
        raise Forbidden("Only an owner or admin of the workspace may change this key.")


def access_workspace(member: Member | None, *, is_service_key: bool) -> None:
    """Raise NotFound for a stranger and Forbidden for a member who may not make such a key."""
    if member is None:
        raise NotFound("There is no such workspace.")
    if may_create(member, is_service_key=is_service_key):
        return
    if is_service_key and may_create(member):
        raise Forbidden("Only an owner or admin may make a service key.")
    raise Forbidden("This workspace lets only its owner and admins make keys.")


def access_given(member: Member | None, *, scopes: Collection[str] = (), is_service_key: bool = False) -> None:
    """Raise Forbidden when somebody gives a key what only managers may give. None is the system."""
    if member is None or member.manages:
        return
    if MANAGERS_SCOPE in scopes:
        raise Forbidden("Only an owner or admin may give a key the scope `billing`.")
    if is_service_key:
        raise Forbidden("Only an owner or admin may make a service key.")


def access_staff(actor: User | None) -> None:
    """Raise Forbidden unless the actor is staff, or None: the system."""
    if actor is not None and not is_staff(actor):
        raise Forbidden("Only staff may do this.")


def no_key() -> NotFound:
    """404: whether the key exists is nobody else's business."""
    return NotFound("There is no such key.")


def is_staff(actor: User) -> bool:
    """Whether a person acts for the operator."""
    return actor.is_active and actor.is_staff


def _may(member: Member, *, own: bool) -> bool:
    return may(member.role, Deed.KEYS, own=own, members_allowed=member.workspace.members_manage_own_keys)
