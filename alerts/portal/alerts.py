"""The alerts of a workspace: list, one alert with its history, and everything that a button does with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string

from accounts.current import is_acting
from accounts.owned import OwnedModelAdmin
from accounts.portal.pages import (
    DEED,
    FORM,
    Page,
    allowed,
    fragment,
    person,
    posted,
    refusals,
    show,
    without,
    workspace_of,
)
from accounts.roles import Deed
from alerts import services
from alerts.models import Alert, AlertSettings
from alerts.models.alert import Phase
from alerts.portal import silence
from alerts.portal.forms import AlertFilter, SpanForm, initial_of
from alerts.portal.gallery import gallery
from alerts.portal.history import history_of
from alerts.portal.making import course_of, create, default_words, form_of, may_share, preview, show_form
from alerts.portal.words import Word, condition_of, name_of, quiet_of, recovery_of, side_of, state_of
from alerts.preview import preview as replayed
from alerts.rules.registry import RULES
from alerts.rules.shapes import config_of
from billing import limits
from moondev.lib.clock import now

PER_PAGE = 50
RUNNING = Q(enabled=True, over_plan=False)
STATES: Mapping[str, Q] = {
    "firing": RUNNING & Q(phase__in=[Phase.FIRING, Phase.RECOVERING]),
    "normal": RUNNING & Q(phase__in=[Phase.NORMAL, Phase.PENDING]),
    "trouble": RUNNING & Q(phase__in=[Phase.NO_DATA, Phase.ERROR]),
    "paused": ~RUNNING,
}


@dataclass(frozen=True, slots=True)
class Row:
    """An alert as the pages show it. `quiet` says why nothing would be sent now; empty when it would."""

    alert: Alert
    name: str
    title: str
    condition: str
    recovery: str
    side: str
    state: Word
    quiet: str
    is_snoozed: bool


class AlertAdmin(OwnedModelAdmin):
    """The workspace's alerts. Everybody sees them; who may change one, `alerts.access` says."""

    deeds: ClassVar = {"view": Deed.READ, "add": Deed.WRITE, "change": Deed.WRITE, "delete": Deed.WRITE}
    search_fields = ("id", "description", "symbol")
    actions = None

    def portal_pages(self) -> tuple[Page, ...]:
        one = "alerts/<str:alert_id>/"
        return (
            Page("alerts/", "alerts", self.list_alerts),
            Page("alerts/live/", "alerts-live", self.list_live),
            Page("alerts/gallery/", "alert-gallery", gallery),
            Page("alerts/new/", "alert-new", create, FORM, back="alerts"),
            Page("alerts/preview/", "alert-preview", preview),
            Page("alerts/mute/", "alerts-mute", silence.mute, DEED, back="alerts", deed=Deed.WRITE),
            Page("alerts/unmute/", "alerts-unmute", silence.unmute, DEED, back="alerts", deed=Deed.WRITE),
            Page(one, "alert", self.show_alert),
            Page(f"{one}live/", "alert-live", self.show_live),
            Page(f"{one}course/", "alert-course", self.show_course),
            Page(f"{one}edit/", "alert-edit", self.edit, FORM, back="alert"),
            Page(f"{one}delete/", "alert-delete", self.delete, FORM, back="alert"),
            Page(f"{one}pause/", "alert-pause", self.pause, DEED, back="alert"),
            Page(f"{one}resume/", "alert-resume", self.resume, DEED, back="alert"),
            Page(f"{one}snooze/", "alert-snooze", self.snooze, DEED, back="alert"),
            Page(f"{one}wake/", "alert-wake", self.wake, DEED, back="alert"),
            Page(f"{one}duplicate/", "alert-duplicate", self.duplicate, DEED, back="alert"),
            Page(f"{one}test/", "alert-test", self.test, DEED, back="alert"),
        )

    def is_own(self, request: HttpRequest, obj: Alert) -> bool:
        return obj.is_shared or obj.created_by_id == person(request).pk

    # Reading ------------------------------------------------------------------------------------------------------

    def list_alerts(self, request: HttpRequest) -> HttpResponse:
        """The alerts that a filter lets through, and how many of the plan's number are used."""
        workspace = workspace_of(request)
        used = Alert.objects.for_workspace(workspace).count()
        return show(
            request,
            "portal/alerts/list.html",
            "Alerts",
            used=used,
            room=limits.terms_of(workspace).alerts - used,
            may_mute=allowed(request, Deed.WRITE),
            muted_until=muted_until(request),
            spans=SpanForm(),
            query=request.GET.urlencode(),
            **self._listed(request),
        )

    def list_live(self, request: HttpRequest) -> HttpResponse:
        """The list's rows as a fragment for poll.js."""
        return fragment(request, render_to_string("portal/alerts/rows.html", self._listed(request), request))

    def _listed(self, request: HttpRequest) -> dict[str, Any]:
        form = AlertFilter(request.GET or {})
        chosen = form.cleaned_data if form.is_valid() else {}
        rows = self.get_queryset(request).filter(STATES.get(chosen.get("state", ""), Q()))
        if kind := chosen.get("type"):
            rows = rows.filter(kind=kind)
        if words := chosen.get("q"):
            rows, _ = self.get_search_results(request, rows, words)
        page, at, muted = Paginator(rows, PER_PAGE).get_page(request.GET.get("page")), now(), muted_until(request)
        return {
            "rows": [row_of(alert, muted, at) for alert in page.object_list],
            "filters": form, "page": page, "others": without(request, "page"),
        }  # fmt: skip

    def show_alert(self, request: HttpRequest, alert_id: str) -> HttpResponse:
        alert = self._one(request, alert_id)
        places = list(alert.destinations.all())
        return show(
            request,
            "portal/alerts/show.html",
            name_of(alert),
            places=places,
            default_words=default_words(alert.workspace, [row for row in self._defaults(alert) if not places]),
            may_change=may_change(request, alert),
            may_add=not is_acting(request),
            spans=SpanForm(),
            **self._shown(request, alert),
        )

    def show_live(self, request: HttpRequest, alert_id: str) -> HttpResponse:
        """State and history as a fragment for poll.js."""
        shown = self._shown(request, self._one(request, alert_id))
        return fragment(request, render_to_string("portal/alerts/live.html", shown, request))

    def show_course(self, request: HttpRequest, alert_id: str) -> HttpResponse:
        """The last days of its value as a piece of a page."""
        alert = self._one(request, alert_id)
        found = replayed(config_of(alert), limits.terms_of(alert.workspace))
        return render(request, "portal/alerts/preview.html", course_of(alert.kind, found))

    def _shown(self, request: HttpRequest, alert: Alert) -> dict[str, Any]:
        row = row_of(alert, muted_until(request), now())
        value = "" if alert.value is None else RULES[alert.kind].say(alert.value)
        may_resend = allowed(request, Deed.WRITE)
        return {"row": row, "value": value, **history_of(alert, request.GET.get("page"), may_resend=may_resend)}

    def _defaults(self, alert: Alert) -> QuerySet[Any]:
        rows: QuerySet[Any] = alert.workspace.alert_destinations.filter(is_default=True, deleted_at=None)
        return rows

    def _one(self, request: HttpRequest, alert_id: str) -> Alert:
        found: Alert = self.get_object(request, alert_id)
        return found

    # Changing -----------------------------------------------------------------------------------------------------

    def edit(self, request: HttpRequest, alert_id: str) -> HttpResponse:
        alert = self._changeable(request, alert_id)
        shares = may_share(request, alert, manages=allowed(request, Deed.WRITE))
        before = initial_of(alert)
        form = form_of(request, alert.kind, initial=before, may_share=shares)
        if request.method == "POST" and form.is_valid():
            with refusals(form):
                services.update_alert(alert=alert, actor=person(request), values=form.values)
                messages.success(request, "The alert is saved.")
                return redirect("portal:alert", alert_id=alert.pk)
        data = posted(request) or before
        return show_form(request, "portal/alerts/edit.html", f"Edit {name_of(alert)}", form, data, alert=alert)

    def delete(self, request: HttpRequest, alert_id: str) -> HttpResponse:
        alert = self._changeable(request, alert_id)
        if request.method == "POST":
            name = name_of(alert)
            services.delete_alert(alert=alert, actor=person(request))
            messages.success(request, f"“{name}” is deleted.")
            return redirect("portal:alerts")
        return show(request, "portal/alerts/delete.html", f"Delete {name_of(alert)}", alert=alert)

    def pause(self, request: HttpRequest, alert_id: str) -> HttpResponse:
        services.pause_alert(alert=(alert := self._changeable(request, alert_id)), actor=person(request))
        return done(request, alert, "The alert is paused: it is not looked at until you resume it.")

    def resume(self, request: HttpRequest, alert_id: str) -> HttpResponse:
        services.resume_alert(alert=(alert := self._changeable(request, alert_id)), actor=person(request))
        return done(request, alert, "The alert is looked at again.")

    def snooze(self, request: HttpRequest, alert_id: str) -> HttpResponse:
        alert, form = self._changeable(request, alert_id), SpanForm(request.POST)
        if not form.is_valid():
            messages.error(request, "Choose for how long.")
            return redirect("portal:alert", alert_id=alert.pk)
        services.snooze_alert(alert=alert, actor=person(request), until=form.until)
        return done(request, alert, "The alert is snoozed. What happens meanwhile is in its history.")

    def wake(self, request: HttpRequest, alert_id: str) -> HttpResponse:
        services.snooze_alert(alert=(alert := self._changeable(request, alert_id)), actor=person(request), until=None)
        return done(request, alert, "The alert sends messages again.")

    def duplicate(self, request: HttpRequest, alert_id: str) -> HttpResponse:
        alert = self._one(request, alert_id)
        if is_acting(request):
            raise PermissionDenied
        copy = services.duplicate_alert(alert=alert, actor=person(request))
        return done(request, copy, "This is the copy. It is paused until you resume it.")

    def test(self, request: HttpRequest, alert_id: str) -> HttpResponse:
        services.test_alert(alert=(alert := self._changeable(request, alert_id)), actor=person(request))
        return done(request, alert, "A test is on its way. What becomes of it is in the history below.")

    def _changeable(self, request: HttpRequest, alert_id: str) -> Alert:
        """The alert, if this person may change it: 404 for a stranger's, 403 for a colleague's that is not shared."""
        alert = self._one(request, alert_id)
        if not may_change(request, alert):
            raise PermissionDenied
        return alert


def may_change(request: HttpRequest, alert: Alert) -> bool:
    return not is_acting(request) and services.may_change(person(request), alert)


def done(request: HttpRequest, alert: Alert, text: str) -> HttpResponse:
    """Say what was done, on the alert's page."""
    messages.success(request, text)
    return redirect("portal:alert", alert_id=alert.pk)


def muted_until(request: HttpRequest) -> datetime | None:
    """Until when all alerts of the workspace are mute; None when they are not."""
    rows = AlertSettings.objects.filter(workspace=workspace_of(request), muted_until__gt=now())
    return rows.values_list("muted_until", flat=True).first()


def row_of(alert: Alert, muted: datetime | None, at: datetime) -> Row:
    return Row(
        alert, name_of(alert), RULES[alert.kind].TITLE, condition_of(alert), recovery_of(alert), side_of(alert),
        state_of(alert), quiet_of(alert, muted, at), alert.snoozed_until is not None and at < alert.snoozed_until,
    )  # fmt: skip
