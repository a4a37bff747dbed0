"""The workspace itself: switch to one, make one, name it, take its data away, close it and open it again."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.contrib import messages
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from accounts.current import switch_workspace
from accounts.models import Workspace
from accounts.portal.forms import PortalForm, TypedConfirmation
from accounts.portal.pages import DEED, FORM, Needs, Page, allowed, person, posted, refusals, show, workspace_of
from accounts.roles import Deed
from accounts.services import workspaces
from accounts.services.export import export_workspace_data
from moondev.lib import clock


class NameForm(PortalForm):
    name = forms.CharField(label="Name", max_length=80, widget=forms.TextInput(attrs={"autocomplete": "organization"}))


def new(request: HttpRequest) -> HttpResponse:
    """Make a workspace, own it, and go there."""
    form = NameForm(posted(request))
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            made = workspaces.create_workspace(owner=person(request), name=form.cleaned_data["name"])
            switch_workspace(request, made)
            messages.success(request, f"{made.name} is ready.")
            return redirect("portal:index")
    return show(request, "portal/settings/new.html", "New workspace", form=form)


def switch(request: HttpRequest, workspace_id: int) -> HttpResponse:
    """Go to another workspace of one's own; any other id is 404."""
    workspace = get_object_or_404(Workspace, pk=workspace_id)
    member = switch_workspace(request, workspace)
    messages.success(request, f"You are now in {member.workspace.name}.")
    return redirect("portal:index")


def settings_page(request: HttpRequest) -> HttpResponse:
    workspace = workspace_of(request)
    return show(
        request,
        "portal/settings/show.html",
        "Settings",
        name_form=NameForm(initial={"name": workspace.name}),
        owns=allowed(request, Deed.OWN),
    )


def rename(request: HttpRequest) -> HttpResponse:
    workspace = workspace_of(request)
    form = NameForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Give the workspace a name of 1 to 80 characters.")
        return redirect("portal:settings")
    workspaces.rename_workspace(workspace=workspace, actor=person(request), name=form.cleaned_data["name"])
    messages.success(request, "The workspace has its new name. Its slug stays as it is.")
    return redirect("portal:settings")


def let_members_manage_keys(request: HttpRequest) -> HttpResponse:
    """Say whether members may have keys of their own; existing keys stay."""
    workspace = workspace_of(request)
    permit = request.POST.get("allowed") == "on"
    workspaces.let_members_manage_keys(workspace=workspace, actor=person(request), allowed=permit)
    messages.success(request, f"Members may {'now' if permit else 'no longer'} create keys of their own.")
    return redirect("portal:settings")


def close(request: HttpRequest) -> HttpResponse:
    """Close after the name was typed; the page says what will happen."""
    workspace = workspace_of(request)
    form = TypedConfirmation(posted(request), expected=workspace.name)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            workspaces.close_workspace(workspace=workspace, actor=person(request))
            messages.success(request, f"{workspace.name} is closed. Its keys stop working now.")
            return redirect("portal:index")
    return show(request, "portal/settings/close.html", f"Close {workspace.name}", form=form)


def reopen(request: HttpRequest) -> HttpResponse:
    workspace = workspace_of(request)
    workspaces.reopen_workspace(workspace=workspace, actor=person(request))
    messages.success(request, "The workspace is open again. Check its keys before you rely on them.")
    return redirect("portal:index")


def export(request: HttpRequest) -> HttpResponse:
    """Everything that the workspace holds, as one JSON file."""
    workspace = workspace_of(request)
    data = export_workspace_data(workspace=workspace, actor=person(request))
    return download(data, f"workspace-{workspace.slug}")


def download(data: Any, name: str) -> HttpResponse:
    """A JSON attachment that no cache keeps."""
    text = json.dumps(data, cls=DjangoJSONEncoder, indent=2, ensure_ascii=False)
    response = HttpResponse(text, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{name}-{clock.now():%Y-%m-%d}.json"'
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


PAGES = (
    Page("workspaces/new/", "workspace-new", new, FORM, needs=Needs.PERSON),
    Page("workspaces/<int:workspace_id>/switch/", "workspace-switch", switch, DEED, needs=Needs.PERSON),
    Page("settings/", "settings", settings_page, needs=Needs.WORKSPACE),
    Page("settings/rename/", "settings-rename", rename, DEED, back="settings", deed=Deed.MANAGE),
    Page("settings/keys/", "settings-keys", let_members_manage_keys, DEED, back="settings", deed=Deed.MANAGE),
    Page("settings/export/", "settings-export", export, DEED, Needs.WORKSPACE, back="settings", deed=Deed.MANAGE),
    Page("settings/close/", "settings-close", close, FORM, back="settings", deed=Deed.OWN),
    Page("settings/reopen/", "settings-reopen", reopen, DEED, Needs.WORKSPACE, back="settings", deed=Deed.OWN),
)
