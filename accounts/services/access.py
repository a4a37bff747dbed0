"""Locks and rights that the services share."""

from __future__ import annotations

from accounts.models import Member, Role, User, Workspace
from accounts.roles import Deed, access_deed
from moondev.lib.errors import Conflict, Forbidden, NotFound


def lock_workspace(workspace: Workspace | int) -> Workspace:
    """The workspace as it is now, its row locked until the transaction ends. Raises NotFound once it is erased.

    Seats, roles and closing are decided under this lock, so two of them at once see one another.
    """
    pk = workspace if isinstance(workspace, int) else workspace.pk
    # Its key never changes: whoever only writes a row that names the workspace, as a worker, need not wait.
    found = Workspace.objects.select_for_update(no_key=True).filter(pk=pk, erased_at=None).first()
    if found is None:
        raise NotFound("There is no such workspace.")
    return found


def check_open(workspace: Workspace) -> None:
    """Raise Conflict when the workspace is closed."""
    if not workspace.is_open:
        raise Conflict("This workspace is closed. Its owner can reopen it until it is erased.")


def role_of(user: User, workspace: Workspace) -> str | None:
    """A person's role in a workspace; None for a stranger and for somebody whose login is switched off."""
    if not user.is_active:
        return None
    return Member.objects.filter(workspace=workspace, user=user).values_list("role", flat=True).first()


def access_workspace(actor: User, workspace: Workspace, deed: Deed) -> None:
    """Raise NotFound for a stranger, so that ids tell nothing, and Forbidden for a member who may not."""
    role = role_of(actor, workspace)
    if role is None:
        raise NotFound("There is no such workspace.")
    access_deed(role, deed)


def access_closing(actor: User, workspace: Workspace) -> None:
    """Closing and reopening are the owner's, and staff's on the owner's behalf."""
    if not (actor.is_staff and actor.is_active):
        access_workspace(actor, workspace, Deed.OWN)


def member_row(workspace: Workspace, user: User) -> Member:
    """A person's membership, locked. Raises NotFound for a stranger."""
    member: Member | None = Member.objects.select_for_update().filter(workspace=workspace, user=user).first()
    if member is None:
        raise NotFound("This person is not a member of the workspace.")
    return member


def check_not_owner(member: Member, detail: str) -> None:
    """Raise Forbidden with `detail` when the membership is the owner's."""
    if member.role == Role.OWNER:
        raise Forbidden(detail)
