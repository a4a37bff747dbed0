"""The first page: the plan and what is left of the minute, what was used, and what a newcomer does next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import Workspace
from accounts.portal.pages import Page, fragment, person, show, workspace_of
from billing import limits
from billing.models import Plan
from gateway import gate
from gateway.keys.pending import pending_of
from gateway.models import ApiKey, Usage
from gateway.portal.series import daily_chart, hourly_chart
from moondev.lib import clock


@dataclass(frozen=True, slots=True)
class NextStep:
    """One thing that a newcomer has done or may do next."""

    title: str
    text: str
    url: str
    button: str
    done: bool


def overview(request: HttpRequest) -> HttpResponse:
    """Plan, quota, charts, next steps."""
    workspace = workspace_of(request)
    standing = limits.standing_of(workspace.pk)
    return show(
        request,
        "portal/overview.html",
        "Overview",
        standing=standing,
        plan=Plan.objects.filter(name=standing.terms.plan).first(),
        steps=_unfinished(next_steps(request, workspace)),
        **live_numbers(workspace, clock.now()),
    )


def live(request: HttpRequest) -> HttpResponse:
    """The numbers that change while one looks, as a fragment with an ETag."""
    workspace = workspace_of(request)
    html = render_to_string("portal/parts/live.html", live_numbers(workspace, clock.now()), request)
    return fragment(request, html)


def live_numbers(workspace: Workspace, now: datetime) -> dict[str, Any]:
    """Quota of the running minute and the two charts."""
    rows = Usage.objects.for_workspace(workspace)
    hours, days = hourly_chart(rows, now), daily_chart(rows, now)
    quota = gate.quota(workspace.pk)
    return {
        "quota": quota,
        "left": max(0, quota.limit - quota.used),
        "left_percent": 100 * max(0, quota.limit - quota.used) // max(1, quota.limit),
        "hours": hours,
        "days": days,
        "keys_in_use": ApiKey.objects.for_workspace(workspace).usable().count(),
    }


def next_steps(request: HttpRequest, workspace: Workspace) -> list[NextStep]:
    """What is left between a new account and a running client."""
    month_ago = clock.now() - timedelta(days=30)
    called = Usage.objects.for_workspace(workspace).filter(hour__gte=month_ago).aggregate(n=Sum("requests"))["n"]
    return [
        _key_step(workspace),
        NextStep(
            "Make the first request",
            "Copy three lines of curl, Python or JavaScript and read live market data.",
            reverse("portal:quickstart"),
            "Quick start",
            bool(called),
        ),
        NextStep(
            "Turn on two-factor login",
            "A second factor or a passkey keeps your keys safe if your password leaks.",
            reverse("portal:security"),
            "Security",
            has_second_factor(request),
        ),
        NextStep(
            "Choose your time zone",
            "All times in the portal are shown in it.",
            reverse("portal:profile"),
            "Profile",
            person(request).time_zone != "UTC",
        ),
    ]


def _key_step(workspace: Workspace) -> NextStep:
    """To make a key, or to look at the one that came with the plan."""
    text = "Programs show it with every request. You see it once, so keep it somewhere safe."
    if pending_of(workspace):
        return NextStep("Reveal your API key", text, reverse("portal:keys"), "Reveal key", done=False)
    has_key = ApiKey.objects.for_workspace(workspace).exists()
    return NextStep("Create an API key", text, reverse("portal:key-new"), "Create key", has_key)


def has_second_factor(request: HttpRequest) -> bool:
    """Whether the person has an authenticator app or a passkey."""
    found: bool = Authenticator.objects.filter(user=person(request)).exclude(type="recovery_codes").exists()
    return found


def _unfinished(steps: list[NextStep]) -> list[NextStep]:
    """The whole list while something on it is open; nothing once all is done."""
    return [] if all(step.done for step in steps[:3]) else steps


PAGES = (
    Page("", "index", overview),
    Page("live/", "live", live),
)
