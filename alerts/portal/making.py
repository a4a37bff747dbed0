"""Making an alert, and looking at what it would have done while its form is filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.current import is_acting
from accounts.models import Workspace
from accounts.portal.pages import person, posted, refusals, show, workspace_of
from alerts import services
from alerts.models import Alert, Destination
from alerts.models.alert import Kind
from alerts.operators import OPERATOR
from alerts.outbox import OPERATORS_WORKSPACE, fallback_of
from alerts.portal.charts import curve_of, days_of
from alerts.portal.forms import WINDOWS, AlertForm
from alerts.preview import DAYS
from alerts.rules.numbers import threshold_said
from alerts.rules.registry import RULES
from alerts.symbols import has_symbols, symbols_of
from moondev.lib.errors import Invalid

# What says when an alert fires.
LOOKED_AT = ("threshold", "window_minutes", "symbol", "direction", "recovery_threshold", "for_minutes",
             "cooldown_minutes")  # fmt: skip
MOST_TIMES = 100
# What a new form says before anybody has typed.
BEGINNING = {"window_minutes": 15, "cooldown_minutes": 15, "is_shared": True}


def create(request: HttpRequest) -> HttpResponse:
    """A new alert. The address may hold values to begin with, as those of the gallery do."""
    if is_acting(request):
        raise PermissionDenied
    kind = kind_of(request)
    given = {name: value for name, value in request.GET.items() if name in AlertForm.base_fields}
    initial = {**BEGINNING, "time_zone": person(request).time_zone or "UTC", **given}
    form = form_of(request, kind, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals(form):
            alert = services.create_alert(
                workspace=workspace_of(request), actor=person(request), values=form.new_values
            )
            messages.success(request, "The alert is on. It is looked at from now on.")
            return redirect("portal:alert", alert_id=alert.pk)
    return show_form(
        request, "portal/alerts/new.html", f"New alert: {RULES[kind].TITLE}", form, posted(request) or given
    )


def preview(request: HttpRequest) -> HttpResponse:
    """What an alert of the values in the address would have done, as a piece of a page."""
    form = AlertForm(request.GET, kind=kind_of(request), places=(), default="")
    return render(request, "portal/alerts/preview.html", looked(workspace_of(request), form))


def kind_of(request: HttpRequest) -> str:
    """The type that the form or the address names; the first one without."""
    kind = request.POST.get("type") or request.GET.get("type", "")
    return kind if kind in RULES else Kind.LIQUIDATION_SPIKE.value


def form_of(request: HttpRequest, kind: str, *, initial: Mapping[str, Any], may_share: bool = True) -> AlertForm:
    """The form of a type with the workspace's destinations to choose from."""
    workspace = workspace_of(request)
    places = list(Destination.objects.for_workspace(workspace).filter(deleted_at=None))
    return AlertForm(
        posted(request), kind=kind, places=places, default=default_words(workspace, places), may_share=may_share,
        initial=dict(initial),
    )  # fmt: skip


def show_form(
    request: HttpRequest, template: str, title: str, form: AlertForm, data: Mapping[str, Any], **context: Any
) -> HttpResponse:
    """The form's page with the preview of some values beside it."""
    trial = AlertForm(data, kind=form.kind, places=(), default="")
    symbols = symbols_of(form.rule.FEED) if has_symbols(form.rule.FEED) else []
    seen = looked(workspace_of(request), trial)
    return show(request, template, title, form=form, symbols=symbols, windows=WINDOWS, **seen, **context)


def looked(workspace: Workspace, form: AlertForm) -> dict[str, Any]:
    """What the preview's template needs: the course and the firings, or what is wrong; nothing without a threshold."""
    if not form.data.get("threshold"):
        return {}
    if not form.is_valid():
        wrong = [
            f"{form[name].label}: {text}" for name in form.errors if name in LOOKED_AT for text in form.errors[name]
        ]
        return {"wrong": wrong}
    values: Any = {name: value for name, value in form.new_values.items() if name in ("type", *LOOKED_AT)}
    try:
        return course_of(form.kind, services.preview_alert(workspace=workspace, values=values))
    except Invalid as error:
        return {"wrong": [item.detail for item in error.errors] or [error.detail]}


def course_of(kind: str, found: Any) -> dict[str, Any]:
    """A preview in words and lines."""
    rule, days = RULES[kind], days_of(found)
    return {
        "looked": True,
        "found": found,
        "rule": rule,
        "curve": curve_of(found),
        "days": days,
        "is_cut": days < DAYS,
        "threshold_said": threshold_said(rule, found.threshold),
        "times": found.times[: -MOST_TIMES - 1 : -1],
    }


def default_words(workspace: Workspace, places: Sequence[Destination]) -> str:
    """Where the messages of alerts go that choose no destination."""
    default = next((row for row in places if row.is_default), None)
    if default is not None:
        return f"they go to {default.name}, the workspace's default"
    operators = workspace.pk if workspace.slug == OPERATORS_WORKSPACE else None
    if fallback_of(workspace.pk, operators) == OPERATOR:
        return "they go to the Discord channel of whoever runs this installation"
    return "they go by e-mail to the workspace's owner"


def may_share(request: HttpRequest, alert: Alert, *, manages: bool) -> bool:
    """Whether a person may say that others change an alert: its maker and whoever may change everything."""
    return manages or alert.created_by_id == person(request).pk
