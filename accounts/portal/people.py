"""The person: name and time zone, second factors and sessions, their own data, the end of the account."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.current import is_acting
from accounts.models import User
from accounts.portal.forms import PortalForm, TypedConfirmation, zone_choices
from accounts.portal.pages import DEED, FORM, Needs, Page, person, posted, refusals, show
from accounts.portal.workspace import download
from accounts.services import people
from accounts.services.export import export_user_data


class ProfileForm(PortalForm):
    name = forms.CharField(
        label="Name", max_length=100, required=False, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    time_zone = forms.ChoiceField(label="Time zone", choices=zone_choices, help_text="All times are shown in it.")


def profile(request: HttpRequest) -> HttpResponse:
    user = person(request)
    form = ProfileForm(posted(request), initial={"name": user.name, "time_zone": user.time_zone})
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            people.change_profile(user=user, **form.cleaned_data)
            messages.success(request, "Your profile is saved.")
            return redirect("portal:profile")
    return show(request, "portal/security/profile.html", "Profile", form=form)


def security(request: HttpRequest) -> HttpResponse:
    """What guards the account, with the way to each of allauth's pages."""
    user = person(request)
    kinds = list(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    codes = Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).first()
    return show(
        request,
        "portal/security/show.html",
        "Security",
        has_totp=Authenticator.Type.TOTP in kinds,
        passkeys=kinds.count(Authenticator.Type.WEBAUTHN),
        codes_left=len(codes.wrap().get_unused_codes()) if codes else None,
        sessions=UserSession.objects.filter(user=user).count(),
        addresses=EmailAddress.objects.filter(user=user).order_by("-primary", "email"),
    )


def export(request: HttpRequest) -> HttpResponse:
    """The person's own data, as one JSON file."""
    return download(export_user_data(user=_self(request)), "my-data")


@reauthentication_required  # type: ignore[untyped-decorator]
def delete(request: HttpRequest) -> HttpResponse:
    """End the account after the address was typed; workspaces that others share are handed over or closed before."""
    user = _self(request)
    form = TypedConfirmation(posted(request), expected=user.email)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            people.delete_account(user=user)
            logout(request)
            messages.success(request, "Your account is deleted.")
            return redirect("account_login")
    return show(request, "portal/security/delete.html", "Delete your account", form=form, shared=people.shared_by(user))


def _self(request: HttpRequest) -> User:
    """The person, unless a member of staff is only looking."""
    if is_acting(request):
        raise PermissionDenied
    return person(request)


PAGES = (
    Page("profile/", "profile", profile, FORM, Needs.PERSON, back="profile"),
    Page("security/", "security", security, needs=Needs.PERSON),
    Page("security/export/", "person-export", export, DEED, Needs.PERSON, back="security"),
    Page("security/delete/", "person-delete", delete, FORM, Needs.PERSON, back="security"),
)
