"""The life of a workspace: made, renamed, handed over, left, closed, reopened. Erasing is erasure.py's."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts import audit, limits
from accounts.mail import send_letter
from accounts.models import Invitation, Member, Role, User, Workspace
from accounts.roles import Deed
from accounts.services.access import (
    access_closing,
    access_workspace,
    check_not_owner,
    check_open,
    lock_workspace,
    member_row,
)
from accounts.services.export import export_user_data, export_workspace_data
from accounts.signals import member_left, workspace_closing, workspace_reopened
from accounts.slugs import new_slug
from moondev.lib.commit import after_commit
from moondev.lib.errors import Conflict, Invalid, QuotaExhausted

__all__ = [
    "close_workspace",
    "create_workspace",
    "export_user_data",
    "export_workspace_data",
    "leave_workspace",
    "let_members_manage_keys",
    "rename_workspace",
    "reopen_workspace",
    "transfer_ownership",
]

NAME_LENGTH = 80
ERASED_AFTER = timedelta(days=30)


@transaction.atomic
def create_workspace(*, owner: User, name: str) -> Workspace:
    """Make a workspace that `owner` owns. Raises Invalid at `/name`, QuotaExhausted when the plan has no more."""
    name = check_name(name)
    _check_room(owner)
    workspace = Workspace.objects.create(slug=new_slug(name), name=name)
    Member.objects.create(workspace=workspace, user=owner, role=Role.OWNER)
    audit.record(action="workspace.created", workspace=workspace, actor=owner, target=workspace.slug)
    return workspace


@transaction.atomic
def rename_workspace(*, workspace: Workspace, actor: User, name: str) -> Workspace:
    """Give a workspace another name; the slug stays. Raises Invalid at `/name`."""
    access_workspace(actor, workspace, Deed.MANAGE)
    found = lock_workspace(workspace)
    check_open(found)
    found.name = check_name(name)
    found.save(update_fields=["name"])
    audit.record(action="workspace.renamed", workspace=found, actor=actor, target=found.slug)
    return found


@transaction.atomic
def let_members_manage_keys(*, workspace: Workspace, actor: User, allowed: bool) -> Workspace:
    """Set whether members may have keys of their own."""
    access_workspace(actor, workspace, Deed.MANAGE)
    found = lock_workspace(workspace)
    check_open(found)
    found.members_manage_own_keys = allowed
    found.save(update_fields=["members_manage_own_keys"])
    audit.record(action="workspace.member_keys_set", workspace=found, actor=actor, target=found.slug, allowed=allowed)
    return found


@transaction.atomic
def transfer_ownership(*, workspace: Workspace, actor: User, to: User) -> Workspace:
    """Hand a workspace over to another member; the old owner stays as an admin.

    Raises Conflict for the owner themselves, NotFound for somebody who is no member, QuotaExhausted when their plans,
    this workspace's included, do not let them own one more.
    """
    found = lock_workspace(workspace)
    access_workspace(actor, found, Deed.OWN)
    check_open(found)
    if to.pk == actor.pk:
        raise Conflict("You own this workspace already.")
    _lock_person(to)
    new, old = member_row(found, to), member_row(found, actor)
    if not to.is_active:
        raise Conflict("This member's login is switched off. Choose another one.")
    _hand_over(old, new)
    _check_may_receive(to)
    audit.record(action="workspace.transferred", workspace=found, actor=actor, target=to.email)
    _mail_later("ownership_received", to, workspace=found, giver=actor)
    return found


@transaction.atomic
def leave_workspace(*, workspace: Workspace, user: User) -> None:
    """Stop belonging to a workspace; one's keys there stop too, service keys stay. Raises Forbidden for the owner."""
    found = lock_workspace(workspace)
    member = member_row(found, user)
    check_not_owner(member, "You own this workspace. Transfer it to another member or close it first.")
    drop_member(member)
    audit.record(action="member.left", workspace=found, actor=user, target=user.email)


@transaction.atomic
def close_workspace(*, workspace: Workspace, actor: User) -> Workspace:
    """Stop a workspace at once; its data are erased in 30 days unless its owner or staff reopen it before.

    Closing a closed workspace changes nothing.
    """
    found = lock_workspace(workspace)
    access_closing(actor, found)
    if not found.is_open:
        return found
    stop_workspace(found, actor)
    _mail_owner("workspace_closed", found)
    return found


@transaction.atomic
def reopen_workspace(*, workspace: Workspace, actor: User) -> Workspace:
    """Take a closing back before the day of erasure. Raises Conflict after it, QuotaExhausted when the plan is full."""
    found = lock_workspace(workspace)
    access_closing(actor, found)
    if found.is_open:
        return found
    if found.erase_after and found.erase_after <= timezone.now():
        raise Conflict("The 30 days are over; this workspace is being erased.")
    owner = owner_of(found)
    # Staff do not count for a customer; of their own workspaces they have as many as anybody.
    if owner and (actor == owner or not actor.is_staff):
        _check_room(owner)
    found.closed_at = found.erase_after = None
    found.save(update_fields=["closed_at", "erase_after"])
    audit.record(action="workspace.reopened", workspace=found, actor=actor, target=found.slug)
    transaction.on_commit(partial(workspace_reopened.send, sender=Workspace, workspace=found))
    _mail_owner("workspace_reopened", found)
    return found


def check_name(name: str) -> str:
    """The name without stray spaces. Raises Invalid at `/name`."""
    name = " ".join(name.split())
    if not name or len(name) > NAME_LENGTH or not name.isprintable():
        raise Invalid.field("/name", f"Give a name of 1 to {NAME_LENGTH} characters.")
    return name


def owner_of(workspace: Workspace) -> User | None:
    """The owner; None when their account is gone."""
    member = Member.objects.filter(workspace=workspace, role=Role.OWNER).select_related("user").first()
    return member.user if member else None


def owned_by(user: User) -> int:
    """How many open workspaces a person owns."""
    owned: int = Member.objects.filter(user=user, role=Role.OWNER, workspace__closed_at=None).count()
    return owned


def drop_member(member: Member) -> None:
    """Delete a membership and let what must stop with it stop, in the caller's transaction."""
    workspace, user_id = member.workspace, member.user_id
    member.delete()
    member_left.send(sender=Member, workspace=workspace, user_id=user_id)


def stop_workspace(workspace: Workspace, actor: User) -> None:
    """Mark a locked, open workspace as closed and tell every app once that is committed."""
    workspace.closed_at = timezone.now()
    workspace.erase_after = workspace.closed_at + ERASED_AFTER
    workspace.save(update_fields=["closed_at", "erase_after"])
    Invitation.objects.for_workspace(workspace).open().update(revoked_at=workspace.closed_at)
    audit.record(action="workspace.closed", workspace=workspace, actor=actor, target=workspace.slug)
    transaction.on_commit(partial(workspace_closing.send, sender=Workspace, workspace=workspace))


def _lock_person(user: User) -> None:
    """What a person owns is counted under this lock, so two who give them one more at once see one another."""
    User.objects.select_for_update(no_key=True).filter(pk=user.pk).first()


def _check_room(owner: User) -> None:
    """Raise QuotaExhausted unless the person may own one more. The first one is everybody's, whatever the plan."""
    _lock_person(owner)
    owned = owned_by(owner)
    if owned:
        limits.check_workspaces(owner, used=owned)


def _check_may_receive(to: User) -> None:
    """Raise QuotaExhausted, worded for the giver, when the new owner now owns more than their plans allow."""
    try:
        limits.check_workspaces(to, used=owned_by(to) - 1)
    except QuotaExhausted as error:
        raise QuotaExhausted(f"{to} owns as many workspaces as their plan allows already.", error.data) from error


def _hand_over(old: Member, new: Member) -> None:
    # The database allows one owner at a time, so the old one steps down first.
    old.role, new.role = Role.ADMIN, Role.OWNER
    old.save(update_fields=["role"])
    new.save(update_fields=["role"])


def _mail_owner(name: str, workspace: Workspace) -> None:
    owner = owner_of(workspace)
    if owner:
        _mail_later(name, owner, workspace=workspace)


def _mail_later(name: str, to: User, **context: Any) -> None:
    # Robust: the deed is done, and a mail server that is away must not make it look undone.
    after_commit(partial(send_letter, name, to=to.email, **context))
