"""People who just signed up: connected to allauth's signal when the app starts."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import user_signed_up
from django.http import HttpRequest

from accounts.models import Invitation, User
from accounts.services.people import welcome

# The invitation whose page this browser opened before signing up, and the address to which the letter went whose link
# was opened here last: an invitation or another that only its reader can have. (allauth has a stash for such an address
# as well, but it also lets in somebody who then signs up with another, unproven one.)
INVITED_BY = "invitation_id"
PROVEN = "proven_address"


def remember_letter(request: HttpRequest, email: str) -> None:
    """Note in an anonymous session that its visitor holds a letter to this address, which proves the address."""
    request.session[PROVEN] = email


def remember_invitation(request: HttpRequest, invitation: Invitation) -> None:
    """Note in an anonymous session that its visitor was invited, by a letter."""
    request.session[INVITED_BY] = invitation.pk
    remember_letter(request, invitation.email)


def has_proven(request: HttpRequest, email: str) -> bool:
    """Whether this browser has shown that it can read the letters to an address."""
    proven: str | None = request.session.get(PROVEN)
    return bool(email) and proven == email.lower()


def came_by_invitation(request: HttpRequest, user: User) -> bool:
    """Whether somebody signed up with the address of the invitation that they opened, and can still accept it."""
    pk = request.session.pop(INVITED_BY, None)
    rows = Invitation.objects.usable().filter(workspace__closed_at=None)
    return bool(rows.filter(pk=pk or 0, email=user.email.lower()).exists())


def welcome_arrival(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    welcome(user=user, invited=came_by_invitation(request, user))


def connect() -> None:
    """Listen for sign-ups."""
    user_signed_up.connect(welcome_arrival, dispatch_uid="accounts.arrivals")
