"""A person's own account: their first workspace, their profile and the end of it."""

from __future__ import annotations

from functools import partial
from zoneinfo import available_timezones

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.db import transaction
from django.db.models import Count, QuerySet

from accounts import audit
from accounts.mail import send_letter
from accounts.models import AuditEntry, Invitation, Member, Role, User, Workspace
from accounts.services.access import lock_workspace
from accounts.services.erasure import ERASED, erase_workspace
from accounts.services.workspaces import create_workspace, drop_member, stop_workspace
from moondev.lib.commit import after_commit
from moondev.lib.errors import Conflict, Forbidden, Invalid

NAME_LENGTH = 100


def welcome(*, user: User, invited: bool) -> Workspace | None:
    """Give somebody who just signed up a workspace of their own; who came by an invitation joins another's instead.

    They can still make one of their own later; nobody ends up owning an empty workspace that they never wanted.
    """
    audit.record(action="person.signed_up", actor=user, invited=invited)
    if invited:
        return None
    name = user.name or user.email.partition("@")[0]
    return create_workspace(owner=user, name=f"{name[:60]}'s workspace")


def change_profile(*, user: User, name: str, time_zone: str) -> User:
    """Set a person's name and time zone. Raises Invalid at `/name` or `/time_zone`."""
    name = " ".join(name.split())
    if len(name) > NAME_LENGTH or not name.isprintable():
        raise Invalid.field("/name", f"Give a name of at most {NAME_LENGTH} characters.")
    if time_zone not in available_timezones():
        raise Invalid.field("/time_zone", "Choose a time zone from the list.")
    user.name, user.time_zone = name, time_zone
    user.save(update_fields=["name", "time_zone"])
    return user


@transaction.atomic
def delete_account(*, user: User) -> None:
    """Delete a person and the workspaces that are theirs alone, at once and for good.

    Their name leaves the audit log, their keys stop with them. Raises Conflict that names the workspaces which others
    share and which have to be transferred or closed first, Forbidden for staff.
    """
    person = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if person.is_staff:
        raise Forbidden("A staff account is removed by another member of staff.")
    check_shares_nothing(person)
    for owned in _owned(person):
        workspace = lock_workspace(owned)
        if workspace.is_open:
            stop_workspace(workspace, person)
        erase_workspace(workspace_id=workspace.pk)
    for member in Member.objects.filter(user=person).select_related("workspace"):
        drop_member(member)
    _forget(person)
    person.delete()
    AuditEntry.objects.create(action="person.deleted", actor_label=ERASED)
    # Robust: the account is gone, and a mail server that is away must not make it look otherwise.
    after_commit(partial(send_letter, "account_deleted", to=person.email))


def check_shares_nothing(user: User) -> None:
    """Raise Conflict while the person owns an open workspace that has other members."""
    names = [f"“{workspace}”" for workspace in shared_by(user)]
    if names:
        raise Conflict(f"Transfer or close {', '.join(names)} first: other people work there.")


def shared_by(user: User) -> QuerySet[Workspace]:
    """Open workspaces that a person owns and others belong to."""
    mine = Workspace.objects.open().filter(pk__in=_owned(user))
    return mine.annotate(people=Count("members")).filter(people__gt=1).order_by("name")


def _owned(user: User) -> QuerySet[Workspace]:
    return Workspace.objects.filter(members__user=user, members__role=Role.OWNER, erased_at=None).order_by("pk")


def _forget(user: User) -> None:
    """End the sessions, drop the invitations to this person and take their name out of the audit log."""
    addresses = {user.email.lower()}
    addresses.update(
        address.lower() for address in EmailAddress.objects.filter(user=user).values_list("email", flat=True)
    )
    for session in UserSession.objects.filter(user=user):
        session.end()
    Invitation.objects.filter(email__in=addresses).delete()
    for address in addresses:
        AuditEntry.objects.filter(target__iexact=address).update(target=ERASED)
        AuditEntry.objects.filter(actor_label__iexact=address).update(actor_label=ERASED)
    AuditEntry.objects.filter(actor=user).update(actor=None, actor_label=ERASED)
