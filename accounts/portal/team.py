"""The team: who is in the workspace, who is invited, and what a person may do about either."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from accounts.current import switch_workspace
from accounts.models import Invitation, Member, Role
from accounts.owned import OwnedModelAdmin
from accounts.portal.forms import PortalForm, TypedConfirmation
from accounts.portal.pages import (
    DEED,
    FORM,
    Needs,
    Page,
    allowed,
    person,
    posted,
    refusals,
    show,
    workspace_of,
)
from accounts.roles import Deed
from accounts.services import invitations, members, workspaces
from moondev.lib import clock

ROLE_TEXTS = (
    (Role.MEMBER, "Member: reads data, usage and alerts, and has keys of their own if the workspace allows it"),
    (Role.ADMIN, "Admin: runs the workspace too: members, settings, billing and everybody's keys"),
)


class InviteForm(PortalForm):
    email = forms.EmailField(
        label="E-mail address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text="The invitation works for this address only, with or without an account.",
    )
    role = forms.ChoiceField(label="Role", choices=ROLE_TEXTS, initial=Role.MEMBER, widget=forms.RadioSelect)


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=ROLE_TEXTS)


class TransferForm(TypedConfirmation):
    to = forms.ModelChoiceField(Member.objects.none(), label="New owner", empty_label="Choose a member")
    field_order = ("to", "confirmation")

    def __init__(self, *args: Any, candidates: QuerySet[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = candidates  # type: ignore[attr-defined]
        self.fields["to"].label_from_instance = lambda member: str(member.user)  # type: ignore[attr-defined]


class MemberAdmin(OwnedModelAdmin):
    """The people of the workspace."""

    deeds: ClassVar = {"view": Deed.READ, "change": Deed.MANAGE, "delete": Deed.MANAGE}
    search_fields = ("user__email", "user__name")

    def portal_pages(self) -> tuple[Page, ...]:
        return (
            Page("team/", "team", self.show_team),
            Page(
                "team/members/<int:member_id>/role/",
                "member-role",
                self.change_role,
                DEED,
                back="team",
                deed=Deed.MANAGE,
            ),
            Page(
                "team/members/<int:member_id>/remove/",
                "member-remove",
                self.remove,
                FORM,
                back="team",
                deed=Deed.MANAGE,
            ),
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Member]:
        rows: QuerySet[Member] = super().get_queryset(request)
        return rows.select_related("user", "workspace")

    def show_team(self, request: HttpRequest) -> HttpResponse:
        """Members and open invitations."""
        people = list(self.get_queryset(request).order_by("joined_at", "pk"))
        offered = open_invitations(request)
        return show(
            request,
            "portal/team/list.html",
            "Team",
            people=people,
            seats_used=len(people) + sum(one.is_usable for one in offered),
            invitations=offered if allowed(request, Deed.MANAGE) else [],
            now=clock.now(),
            owns=allowed(request, Deed.OWN),
            roles=[(role.value, role.label) for role, _ in ROLE_TEXTS],
        )

    def change_role(self, request: HttpRequest, member_id: int) -> HttpResponse:
        member: Member = self.owned(request, member_id)
        form = RoleForm(request.POST)
        if not form.is_valid():
            messages.error(request, "Choose a role from the list.")
            return redirect("portal:team")
        members.change_role(member=member, actor=person(request), role=form.cleaned_data["role"])
        messages.success(request, f"{member.user} is now {form.cleaned_data['role']}.")
        return redirect("portal:team")

    def remove(self, request: HttpRequest, member_id: int) -> HttpResponse:
        member: Member = self.owned(request, member_id)
        if request.method == "POST":
            members.remove_member(member=member, actor=person(request))
            messages.success(request, f"{member.user} no longer belongs to this workspace.")
            return redirect("portal:team")
        return show(request, "portal/team/remove.html", f"Remove {member.user}", leaver=member)


class InvitationAdmin(OwnedModelAdmin):
    """Places offered; only owners and admins see them."""

    deeds: ClassVar = {"view": Deed.MANAGE, "add": Deed.MANAGE, "delete": Deed.MANAGE}
    search_fields = ("email",)

    def portal_pages(self) -> tuple[Page, ...]:
        route = "team/invitations/<int:invitation_id>/"
        return (
            Page("team/invite/", "invite", invite, FORM, back="team", deed=Deed.MANAGE),
            Page(f"{route}resend/", "invitation-resend", self.resend, DEED, back="team", deed=Deed.MANAGE),
            Page(f"{route}revoke/", "invitation-revoke", self.revoke, DEED, back="team", deed=Deed.MANAGE),
        )

    def resend(self, request: HttpRequest, invitation_id: int) -> HttpResponse:
        """A new link with a new end; the old one stops working."""
        invitation: Invitation = self.owned(request, invitation_id)
        invitations.resend_invitation(invitation=invitation, actor=person(request))
        messages.success(request, f"A new invitation is on its way to {invitation.email}. The old link is void.")
        return redirect("portal:team")

    def revoke(self, request: HttpRequest, invitation_id: int) -> HttpResponse:
        invitation: Invitation = self.owned(request, invitation_id)
        invitations.revoke_invitation(invitation=invitation, actor=person(request))
        messages.success(request, f"The invitation of {invitation.email} is revoked.")
        return redirect("portal:team")


def invite(request: HttpRequest) -> HttpResponse:
    workspace = workspace_of(request)
    form = InviteForm(posted(request))
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            invitations.invite(workspace=workspace, actor=person(request), **form.cleaned_data)
            messages.success(request, f"The invitation is on its way to {form.cleaned_data['email']}.")
            return redirect("portal:team")
    return show(request, "portal/team/invite.html", "Invite a member", form=form)


def leave(request: HttpRequest) -> HttpResponse:
    """Go, after a look at what that means; an owner hands the workspace over first."""
    workspace = workspace_of(request)
    if request.method == "POST":
        workspaces.leave_workspace(workspace=workspace, user=person(request))
        messages.success(request, f"You have left {workspace.name}.")
        return redirect("portal:index")
    return show(request, "portal/team/leave.html", f"Leave {workspace.name}", owns=allowed(request, Deed.OWN))


def transfer(request: HttpRequest) -> HttpResponse:
    """Make another member the owner; the former one stays as an admin."""
    workspace = workspace_of(request)
    others = Member.objects.for_workspace(workspace).exclude(role=Role.OWNER).select_related("user")
    form = TransferForm(posted(request), candidates=others, expected=workspace.name)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            heir = form.cleaned_data["to"].user
            workspaces.transfer_ownership(workspace=workspace, actor=person(request), to=heir)
            messages.success(request, f"{heir} now owns {workspace.name}. You are an admin.")
            return redirect("portal:team")
    return show(request, "portal/team/transfer.html", "Transfer ownership", form=form, has_others=others.exists())


def open_invitations(request: HttpRequest) -> list[Invitation]:
    """Invitations that are neither accepted nor revoked, expired ones included: they can be sent again."""
    rows = Invitation.objects.for_workspace(workspace_of(request)).filter(accepted_at=None, revoked_at=None)
    return list(rows.select_related("invited_by").order_by("-created_at"))


def accept(request: HttpRequest, invitation_id: int) -> HttpResponse:
    """Take a place that is offered to one's own address, without looking for the letter."""
    invitation = get_object_or_404(invitations.waiting_for(user=person(request)), pk=invitation_id)
    member = invitations.accept_waiting(invitation=invitation, user=person(request))
    switch_workspace(request, member.workspace)
    messages.success(request, f"Welcome to {member.workspace.name}.")
    return redirect("portal:index")


PAGES = (
    Page("invitations/<int:invitation_id>/accept/", "invitation-accept", accept, DEED, Needs.PERSON),
    Page("team/leave/", "leave", leave, FORM, needs=Needs.WORKSPACE, back="team"),
    Page("team/transfer/", "transfer", transfer, FORM, back="team", deed=Deed.OWN),
)
