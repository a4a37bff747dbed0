"""The pages that letters lead to, and the way out of a customer's portal for staff. The rest is the portal's."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.arrivals import remember_invitation
from accounts.current import is_acting, stop_acting, switch_workspace
from accounts.models import Invitation, User
from accounts.services.invitations import accept_invitation, find_invitation, verified_addresses
from moondev.lib.errors import AppError, NotFound


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """What is offered and by whom; a POST by the invited person takes it."""
    try:
        found = find_invitation(token)
        if request.method == "POST" and isinstance(request.user, User):
            return _accept(request, request.user, token)
    except AppError as error:
        return render(request, "accounts/invitation_gone.html", {"error": error}, status=error.status)
    return _offer(request, found)


@require_POST
def end_acting(request: HttpRequest) -> HttpResponse:
    """Let staff go back from a customer's portal to their own site."""
    was_acting = is_acting(request)
    stop_acting(request)
    return redirect("staff:index" if was_acting else "portal:index")


def _accept(request: HttpRequest, user: User, token: str) -> HttpResponse:
    member = accept_invitation(token=token, user=user)
    switch_workspace(request, member.workspace)
    messages.success(request, f"You are now a member of {member.workspace}.")
    return redirect("portal:index")


def _offer(request: HttpRequest, found: Invitation) -> HttpResponse:
    if not found.is_usable:
        error = NotFound("This invitation was used or has expired. Ask for a new one.")
        return render(request, "accounts/invitation_gone.html", {"error": error}, status=410)
    if not isinstance(request.user, User):
        remember_invitation(request, found)
        return render(request, "accounts/invitation.html", {"invitation": found})
    fits = found.email in verified_addresses(request.user)
    return render(request, "accounts/invitation.html", {"invitation": found, "fits": fits})
