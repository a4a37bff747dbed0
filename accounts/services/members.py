"""Who belongs to a workspace, in which role; joining is invitations.py's, leaving and handing over workspaces.py's."""

from __future__ import annotations

from django.db import transaction

from accounts import audit
from accounts.models import Member, Role, User
from accounts.roles import Deed
from accounts.services.access import access_workspace, check_not_owner, check_open, lock_workspace, member_row
from accounts.services.workspaces import drop_member
from accounts.signals import member_demoted
from moondev.lib.errors import Conflict, Invalid

GIVEN = (Role.ADMIN, Role.MEMBER)


def check_role(role: str) -> Role:
    """The role as one that can be given. Raises Invalid at `/role`: an owner is made by a transfer alone."""
    if role not in GIVEN:
        raise Invalid.field("/role", "Choose admin or member.")
    return Role(role)


@transaction.atomic
def change_role(*, member: Member, actor: User, role: str) -> Member:
    """Make a member an admin or an admin a member, who loses what only admins have. Raises Forbidden for the owner."""
    found = lock_workspace(member.workspace_id)
    access_workspace(actor, found, Deed.MANAGE)
    check_open(found)
    current = member_row(found, member.user)
    check_not_owner(current, "The owner's role changes by a transfer of the workspace only.")
    change = {"before": current.role, "after": check_role(role)}
    was_managing = current.manages
    current.role = change["after"]
    current.save(update_fields=["role"])
    if was_managing and not current.manages:
        member_demoted.send(sender=Member, workspace=found, user_id=current.user_id)
    audit.record(action="member.role_changed", workspace=found, actor=actor, target=member.user.email, **change)
    return current


@transaction.atomic
def remove_member(*, member: Member, actor: User) -> None:
    """Take a member out; their keys there stop, service keys stay. Raises Forbidden for the owner."""
    found = lock_workspace(member.workspace_id)
    access_workspace(actor, found, Deed.MANAGE)
    if member.user_id == actor.pk:
        raise Conflict("Leave the workspace instead of removing yourself.")
    current = member_row(found, member.user)
    check_not_owner(current, "The owner cannot be removed. The workspace has to be transferred first.")
    drop_member(current)
    audit.record(action="member.removed", workspace=found, actor=actor, target=member.user.email)
