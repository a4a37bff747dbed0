"""Who may enter the staff site: one answer for its pages and for whatever shows the same things at another address."""

from __future__ import annotations

from collections.abc import Iterable

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest

from accounts.models import User

# Recovery codes alone are a piece of paper, not a factor.
SECOND_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
_KNOWN = "_may_enter_staff_site"


def may_enter(request: HttpRequest) -> bool:
    """Staff with a second factor; with DEBUG on, staff. Asked several times a request, looked up once."""
    known: bool | None = getattr(request, _KNOWN, None)
    if known is None:
        known = _is_staff(request) and (settings.DEBUG or is_mfa_enabled(request.user, SECOND_FACTORS))
        setattr(request, _KNOWN, known)
    return known


def may_see(request: HttpRequest, permissions: Iterable[str]) -> bool:
    """Whether somebody who may enter has all of these permissions, as `gateway.view_usage`."""
    return may_enter(request) and request.user.has_perms(permissions)


def _is_staff(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)
    return isinstance(user, User) and user.is_active and user.is_staff
