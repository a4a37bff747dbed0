"""API keys: list, create, show once, rotate, edit, stop. A secret exists in one answer and nowhere else."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from accounts.current import is_acting
from accounts.owned import OwnedModelAdmin
from accounts.portal.pages import (
    DEED,
    FORM,
    Page,
    allowed,
    current,
    fragment,
    person,
    posted,
    refusals,
    show,
    without,
    words_of,
    workspace_of,
)
from accounts.roles import Deed
from gateway.keys import access, pending, services
from gateway.models import ApiKey, KeySecret, Usage
from gateway.portal.forms import KeyForm, NewKeyForm, RotateForm, last_day_of
from gateway.portal.series import daily_chart, hourly_chart
from gateway.portal.states import KeyRow, row_of
from moondev.lib import clock

STATES = (("", "Usable"), ("stopped", "Stopped"), ("all", "All"))


class ApiKeyAdmin(OwnedModelAdmin):
    """The workspace's keys. Everybody sees them; who may change one, `gateway.keys.access` says."""

    deeds: ClassVar = {"view": Deed.READ, "add": Deed.KEYS, "change": Deed.KEYS}
    search_fields = ("name", "secrets__prefix", "secrets__last_four")
    list_per_page = 50
    change_list_template = "portal/keys/list.html"
    actions = None

    def portal_pages(self) -> tuple[Page, ...]:
        return (
            Page("keys/", "keys", self.list_keys),
            Page("keys/new/", "key-new", create, FORM, back="keys"),
            Page("keys/reveal/", "key-reveal", reveal_purchased, DEED, back="keys", deed=Deed.BILLING),
            Page("keys/<int:key_id>/", "key", self.show_key),
            Page("keys/<int:key_id>/live/", "key-live", self.show_live),
            Page("keys/<int:key_id>/edit/", "key-edit", self.edit, FORM, back="key"),
            Page("keys/<int:key_id>/rotate/", "key-rotate", self.rotate, FORM, back="key"),
            Page("keys/<int:key_id>/revoke/", "key-revoke", self.revoke, FORM, back="key"),
            Page("keys/<int:key_id>/disable/", "key-disable", self.disable, DEED, back="key"),
            Page("keys/<int:key_id>/enable/", "key-enable", self.enable, DEED, back="key"),
        )

    def is_own(self, request: HttpRequest, obj: ApiKey) -> bool:
        return obj.created_by_id == person(request).pk and not obj.is_service_key

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiKey]:
        secrets = Prefetch("secrets", KeySecret.objects.order_by("-created_at"))
        rows: QuerySet[ApiKey] = super().get_queryset(request)
        return rows.select_related("created_by").prefetch_related(secrets)

    # Reading ------------------------------------------------------------------------------------------------------

    def list_keys(self, request: HttpRequest) -> HttpResponse:
        """The keys in a state, searched by name or by the ends of the secret."""
        state = request.GET.get("state", "")
        rows = in_state(self.get_queryset(request), state)
        words = words_of(request)
        if words:
            rows, _ = self.get_search_results(request, rows, words)
        page = Paginator(rows.distinct(), self.list_per_page).get_page(request.GET.get("page"))
        return show(
            request,
            "portal/keys/list.html",
            "API keys",
            rows=[self._row(request, key) for key in page],
            page=page,
            others=without(request, "page"),
            states=[{"value": value, "title": title, "here": value == state} for value, title in STATES],
            state=state,
            words=words,
            has_any=page.paginator.count > 0 or ApiKey.objects.for_workspace(workspace_of(request)).exists(),
            may_create=may_create(request),
            may_reveal=allowed(request, Deed.BILLING),
        )

    def show_key(self, request: HttpRequest, key_id: int) -> HttpResponse:
        key = self.owned(request, key_id)
        row, may_reveal = self._row(request, key), allowed(request, Deed.BILLING)
        return show(request, "portal/keys/show.html", key.name, row=row, may_reveal=may_reveal, **key_numbers(key))

    def show_live(self, request: HttpRequest, key_id: int) -> HttpResponse:
        """The key's charts as a fragment for poll.js."""
        html = render_to_string("portal/keys/live.html", key_numbers(self.owned(request, key_id)), request)
        return fragment(request, html)

    def _row(self, request: HttpRequest, key: ApiKey) -> KeyRow:
        return row_of(key, clock.now(), may_manage=not is_acting(request) and access.may_manage(current(request), key))

    # Changing -----------------------------------------------------------------------------------------------------

    def edit(self, request: HttpRequest, key_id: int) -> HttpResponse:
        key = self._changeable(request, key_id)
        form = KeyForm(posted(request), initial=initial_of(key), for_manager=allowed(request, Deed.MANAGE))
        if request.method == "POST" and form.is_valid():
            with refusals(form):
                services.update_key(key=key, actor=person(request), **form.values)
                messages.success(request, f"“{form.values['name']}” is saved. The change holds within a second.")
                return redirect("portal:key", key_id=key.pk)
        return show(request, "portal/keys/edit.html", f"Edit {key.name}", form=form, key=key)

    def rotate(self, request: HttpRequest, key_id: int) -> HttpResponse:
        key = self._changeable(request, key_id)
        form = RotateForm(posted(request))
        if request.method == "POST" and form.is_valid():
            with refusals(form):
                grace = form.cleaned_data["grace"]
                key, secret = services.rotate_key(key=key, actor=person(request), grace=grace)
                return reveal(request, key, secret, is_new=False)
        return show(request, "portal/keys/rotate.html", f"Rotate {key.name}", form=form, key=key)

    def revoke(self, request: HttpRequest, key_id: int) -> HttpResponse:
        key = self._changeable(request, key_id)
        if request.method == "POST":
            services.revoke_key(key=key, actor=person(request))
            messages.success(request, f"“{key.name}” is revoked. It stops working everywhere within a second.")
            return redirect("portal:keys")
        return show(request, "portal/keys/revoke.html", f"Revoke {key.name}", row=self._row(request, key))

    def disable(self, request: HttpRequest, key_id: int) -> HttpResponse:
        return self._switch(request, key_id, enabled=False)

    def enable(self, request: HttpRequest, key_id: int) -> HttpResponse:
        return self._switch(request, key_id, enabled=True)

    def _switch(self, request: HttpRequest, key_id: int, *, enabled: bool) -> HttpResponse:
        key = self._changeable(request, key_id)
        services.set_enabled(key=key, actor=person(request), enabled=enabled)
        messages.success(request, f"“{key.name}” is {'on again' if enabled else 'off until you turn it on again'}.")
        return redirect("portal:key", key_id=key.pk)

    def _changeable(self, request: HttpRequest, key_id: int) -> ApiKey:
        """The key, if this person may change it: 404 for a stranger's, 403 for a colleague's."""
        key: ApiKey = self.owned(request, key_id)
        if is_acting(request) or not access.may_manage(current(request), key):
            raise PermissionDenied
        return key


def create(request: HttpRequest) -> HttpResponse:
    """A new key; the answer to the POST is the one page that ever shows its secret."""
    if not may_create(request):
        raise PermissionDenied
    form = NewKeyForm(posted(request), for_manager=allowed(request, Deed.MANAGE))
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            workspace = workspace_of(request)
            key, secret = services.create_key(workspace=workspace, actor=person(request), **form.values)
            return reveal(request, key, secret, is_new=True)
    return show(request, "portal/keys/new.html", "New API key", form=form)


def reveal_purchased(request: HttpRequest) -> HttpResponse:
    """The key that came with the plan: its secret is made now, for this answer alone."""
    key, secret = pending.reveal(workspace=workspace_of(request), actor=person(request))
    return reveal(request, key, secret, is_new=True)


def reveal(request: HttpRequest, key: ApiKey, secret: str, *, is_new: bool) -> TemplateResponse:
    """The secret, once: in this answer's body only, which nobody may store."""
    title = "Your new API key" if is_new else f"The new secret of {key.name}"
    response = show(request, "portal/keys/reveal.html", title, key=key, secret=secret, is_new=is_new)
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


def may_create(request: HttpRequest) -> bool:
    """Whether the member may make a key here; a plain member only where the workspace lets them."""
    return not is_acting(request) and access.may_create(current(request))


def in_state(keys: QuerySet[ApiKey], state: str) -> QuerySet[ApiKey]:
    """The keys that work, those that do not, or all."""
    now = timezone.now()
    usable = Q(Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None, enabled=True)
    if state == "all":
        return keys
    return keys.exclude(usable) if state == "stopped" else keys.filter(usable)


def key_numbers(key: ApiKey) -> dict[str, Any]:
    """The charts of one key and the address that refreshes them."""
    rows = Usage.objects.for_workspace(key.workspace_id).filter(key_id=key.pk)
    now = clock.now()
    return {
        "hours": hourly_chart(rows, now),
        "days": daily_chart(rows, now),
        "live_url": reverse("portal:key-live", args=[key.pk]),
    }


def initial_of(key: ApiKey) -> dict[str, Any]:
    return {
        "name": key.name,
        "scopes": key.scopes,
        "expires_on": last_day_of(key.expires_at),
        "allowed_addresses": "\n".join(key.allowed_addresses),
        "is_service_key": key.is_service_key,
    }
