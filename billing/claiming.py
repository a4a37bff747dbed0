"""The pages of somebody who has bought without an account: thanks, and the one to which their letter leads."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.arrivals import remember_letter
from accounts.current import switch_workspace
from accounts.models import User, Workspace
from accounts.services.invitations import verified_addresses
from billing.models import Claim, Subscription
from billing.payments.claims import accept_claim, find_claim, renew_claim, workspaces_for
from moondev.lib.errors import AppError, NotFound


@require_safe
def bought(request: HttpRequest) -> HttpResponse:
    """Where Stripe's page leads back to. Says what happens next; who paid is told by their letter alone."""
    return render(request, "billing/bought.html")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def claim(request: HttpRequest, token: str) -> HttpResponse:
    """Which plan was bought and for whom; a POST brings it into a workspace, or asks for a fresh link."""
    try:
        found = find_claim(token)
        if request.method == "POST":
            return _accept(request, found, token) if found.is_usable else _renew(request, token)
    except AppError as error:
        return render(request, "billing/claim_gone.html", {"error": error}, status=error.status)
    return _offer(request, found)


def _offer(request: HttpRequest, found: Claim) -> HttpResponse:
    if not found.is_usable:
        return render(request, "billing/claim_expired.html", {"claim": found}, status=410)
    context: dict[str, object] = {"claim": found, "plan": found.subscription.plan}
    if isinstance(request.user, User):
        context["fits"] = found.email in verified_addresses(request.user)
        context["places"] = workspaces_for(request.user)
    else:
        remember_letter(request, found.email)
    return render(request, "billing/claim.html", context)


def _accept(request: HttpRequest, found: Claim, token: str) -> HttpResponse:
    if not isinstance(request.user, User):
        return _offer(request, found)
    place = accept_claim(token=token, user=request.user, workspace=_chosen(request))
    switch_workspace(request, place)
    return _brought(request, place, found.subscription)


def _brought(request: HttpRequest, place: Workspace, row: Subscription) -> HttpResponse:
    """On to what has become of it: by now it may have ended, and then nothing is to be waited for."""
    row.refresh_from_db()
    plan = row.plan or "What you bought"
    if row.grants():
        messages.success(request, f"{plan} is now the plan of {place}.")
        return redirect("portal:plan-done")
    state = "is not paid for now" if row.is_live else "has ended"
    messages.warning(request, f"{plan} {state}, so {place} does not have it. What was paid is under Invoices.")
    return redirect("portal:plans")


def _chosen(request: HttpRequest) -> Workspace | None:
    """The workspace that the form names; None for a new one. Raises NotFound; whether it is theirs is asked later."""
    slug = request.POST.get("workspace", "")
    if not slug:
        return None
    found = Workspace.objects.filter(slug=slug).first()
    if found is None:
        raise NotFound("There is no such workspace.")
    return found


def _renew(request: HttpRequest, token: str) -> HttpResponse:
    """To the address that bought, whoever presses the button."""
    renew_claim(token)
    return render(request, "billing/claim_renewed.html")
