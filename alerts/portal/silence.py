"""Muting every alert of a workspace at once."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.portal.pages import person, workspace_of
from alerts import services
from alerts.portal.forms import SpanForm


def mute(request: HttpRequest) -> HttpResponse:
    """Send nothing for a while."""
    form = SpanForm(request.POST)
    if form.is_valid():
        services.mute_all(workspace=workspace_of(request), actor=person(request), until=form.until)
        messages.success(request, "All alerts are mute. What happens meanwhile is in their history.")
    else:
        messages.error(request, "Choose for how long.")
    return redirect("portal:alerts")


def unmute(request: HttpRequest) -> HttpResponse:
    services.mute_all(workspace=workspace_of(request), actor=person(request), until=None)
    messages.success(request, "Alerts send messages again.")
    return redirect("portal:alerts")
