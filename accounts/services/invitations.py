"""Places offered by e-mail: to one address, for seven days, until somebody takes it back."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts import audit, limits
from accounts.mail import send_letter
from accounts.models import AuditEntry, Invitation, Member, User, Workspace
from accounts.roles import Deed
from accounts.services.access import access_workspace, check_open, lock_workspace
from accounts.services.members import check_role
from moondev.lib.commit import after_commit
from moondev.lib.errors import Conflict, Forbidden, Invalid, NotFound, TooManyRequests

VALID_FOR = timedelta(days=7)
# Letters to strangers are sent in our name, so a workspace gets a bounded number of them.
LETTERS_PER_DAY = 50
GONE = "This invitation does not exist or was taken back. Ask for a new one."


@transaction.atomic
def invite(*, workspace: Workspace, actor: User, email: str, role: str) -> Invitation:
    """Offer a place and mail the link. An open invitation holds a seat.

    Raises Invalid at `/email` or `/role`, Conflict when the address is invited already, QuotaExhausted without a seat,
    TooManyRequests beyond the day's letters.
    """
    found = lock_workspace(workspace)
    access_workspace(actor, found, Deed.MANAGE)
    check_open(found)
    address, given = check_address(email), check_role(role)
    _check_not_here(found, address)
    limits.check_seats(found, used=seats_used(found))
    token = Invitation.new_token()
    invitation: Invitation = Invitation.objects.create(
        workspace=found,
        email=address,
        role=given,
        token_digest=Invitation.digest(token),
        invited_by=actor,
        expires_at=timezone.now() + VALID_FOR,
    )
    _mail_link(invitation, token, actor)
    return invitation


@transaction.atomic
def resend_invitation(*, invitation: Invitation, actor: User) -> Invitation:
    """Mail a new link, good for another seven days; the old link stops. An expired one needs a free seat again."""
    found = lock_workspace(invitation.workspace_id)
    access_workspace(actor, found, Deed.MANAGE)
    check_open(found)
    current = _locked(invitation)
    if current.accepted_at or current.revoked_at:
        raise Conflict("This invitation is settled. Make a new one.")
    if current.is_expired:
        limits.check_seats(found, used=seats_used(found))
    token = Invitation.new_token()
    current.token_digest, current.expires_at = Invitation.digest(token), timezone.now() + VALID_FOR
    current.save(update_fields=["token_digest", "expires_at"])
    _mail_link(current, token, actor)
    return current


@transaction.atomic
def revoke_invitation(*, invitation: Invitation, actor: User) -> None:
    """Take an invitation back; its link stops at once. Raises Conflict when it was accepted already."""
    found = lock_workspace(invitation.workspace_id)
    access_workspace(actor, found, Deed.MANAGE)
    current = _locked(invitation)
    if current.accepted_at:
        raise Conflict("This invitation was accepted already. Remove the member instead.")
    if current.revoked_at is None:
        current.revoked_at = timezone.now()
        current.save(update_fields=["revoked_at"])
        audit.record(action="invitation.revoked", workspace=found, actor=actor, target=current.email)


def find_invitation(token: str) -> Invitation:
    """The invitation of a link. Raises NotFound for a link that never was or no longer is."""
    rows = Invitation.objects.filter(token_digest=Invitation.digest(token), revoked_at=None)
    found: Invitation | None = rows.filter(workspace__closed_at=None).select_related("workspace", "invited_by").first()
    if found is None:
        raise NotFound(GONE)
    return found


def waiting_for(*, user: User) -> QuerySet[Invitation]:
    """Invitations that a person can accept without the letter: those to their own verified addresses."""
    rows = Invitation.objects.usable().filter(email__in=verified_addresses(user), workspace__closed_at=None)
    waiting: QuerySet[Invitation] = rows.select_related("workspace", "invited_by").order_by("created_at")
    return waiting


def accept_invitation(*, token: str, user: User) -> Member:
    """Take the place that a link offers. See `accept_waiting` for what it raises."""
    return accept_waiting(invitation=find_invitation(token), user=user)


@transaction.atomic
def accept_waiting(*, invitation: Invitation, user: User) -> Member:
    """Take an offered place. Accepting twice gives the same membership.

    Raises Forbidden unless the person's verified address is the invited one, NotFound when it was taken back, Conflict
    when it is used or expired, QuotaExhausted when the plan has shrunk meanwhile.
    """
    found = lock_workspace(invitation.workspace_id)
    check_open(found)
    current = _locked(invitation)
    if current.revoked_at:
        raise NotFound(GONE)
    _check_address_is(current, user)
    member: Member | None = Member.objects.filter(workspace=found, user=user).first()
    _check_usable(current, member)
    if member is None:
        limits.check_seats(found, used=found.members.count())
        member = Member.objects.create(workspace=found, user=user, role=current.role)
        audit.record(action="member.joined", workspace=found, actor=user, target=user.email, role=current.role)
    if current.accepted_at is None:
        current.accepted_at = timezone.now()
        current.save(update_fields=["accepted_at"])
    return member


def check_address(email: str) -> str:
    """The address in lower case. Raises Invalid at `/email`."""
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError as error:
        raise Invalid.field("/email", "Enter an e-mail address, as name@example.com.") from error
    return address


def seats_used(workspace: Workspace) -> int:
    """Members and the places that open invitations hold."""
    used: int = workspace.members.count() + Invitation.objects.for_workspace(workspace).usable().count()
    return used


def verified_addresses(user: User) -> set[str]:
    """A person's addresses that they have proved to be theirs, in lower case."""
    rows = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    return {address.lower() for address in rows}


def _locked(invitation: Invitation) -> Invitation:
    """The row as it is now, locked. Raises NotFound when it is gone."""
    found: Invitation | None = Invitation.objects.select_for_update().filter(pk=invitation.pk).first()
    if found is None:
        raise NotFound(GONE)
    return found


def _check_not_here(workspace: Workspace, address: str) -> None:
    """Raise Conflict for a member's address or an invited one; an expired invitation makes room for the new one."""
    if Member.objects.filter(workspace=workspace, user__email__iexact=address).exists():
        raise Invalid.field("/email", "This person is a member already.")
    rows = Invitation.objects.for_workspace(workspace).open().filter(email=address)
    if rows.usable().exists():
        raise Conflict("This address has an open invitation. Send it again or take it back.")
    rows.update(revoked_at=timezone.now())


def _check_address_is(invitation: Invitation, user: User) -> None:
    if invitation.email.lower() not in verified_addresses(user):
        raise Forbidden(
            f"This invitation is for {invitation.email}. Sign in with that address, and confirm it if you have not yet."
        )


def _check_usable(invitation: Invitation, member: Member | None) -> None:
    """A person who is a member already may press the button again; anybody else needs a fresh invitation."""
    if member is None and invitation.accepted_at:
        raise Conflict("This invitation was used already. Ask for a new one.")
    if member is None and invitation.is_expired:
        raise Conflict("This invitation has expired. Ask for a new one.")


def _mail_link(invitation: Invitation, token: str, actor: User) -> None:
    """Count the letter and send it after commit."""
    _check_letters(invitation.workspace)
    audit.record(
        action="invitation.sent",
        workspace=invitation.workspace,
        actor=actor,
        target=invitation.email,
        role=invitation.role,
    )
    link = settings.PUBLIC_URL + reverse("accounts:invitation", args=[token])
    send = partial(send_letter, "invitation", to=invitation.email, invitation=invitation, link=link, inviter=actor)
    # Robust: the invitation stands, and can be sent again when the mail server is back.
    after_commit(send)


def _check_letters(workspace: Workspace) -> None:
    since = timezone.now() - timedelta(days=1)
    sent = AuditEntry.objects.filter(workspace=workspace, action="invitation.sent", at__gt=since).count()
    if sent >= LETTERS_PER_DAY:
        raise TooManyRequests(
            f"A workspace sends {LETTERS_PER_DAY} invitations a day at most. Try again tomorrow.",
            headers={"Retry-After": "86400"},
        )
