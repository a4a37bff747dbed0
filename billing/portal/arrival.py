"""Back from paying: the page waits until Stripe's news has arrived, then leads on."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.models import Workspace
from accounts.portal.pages import Page, show, workspace_of
from accounts.roles import Deed
from billing import limits
from billing.models import AddOn, Boost, Plan
from billing.portal.facts import facts_of
from billing.portal.situation import situation_of
from moondev.lib import clock

SESSION = re.compile(r"cs_[A-Za-z0-9_]{1,200}")
# News takes seconds. After this long the page says that it is taking longer, and after an hour nobody waits for it.
LONG = timedelta(seconds=20)
# Bought before somebody saw the return page: Stripe's news may be faster than their browser.
JUST_NOW = timedelta(hours=1)


def done(request: HttpRequest) -> HttpResponse:
    """Thanks, and what to do next; while the plan is not there yet, a word that it is coming."""
    workspace, what = workspace_of(request), request.GET.get("for", "")[:40]
    if not has_arrived(workspace, what):
        return show(request, "portal/billing/waiting.html", "Thank you", **_waiting(request, what))
    standing, situation = limits.standing_of(workspace.pk), situation_of(workspace)
    bought = situation.subscription.plan if situation.subscription else None
    return show(
        request,
        "portal/billing/done.html",
        "Thank you",
        # What staff have granted besides may be more than what was bought.
        plan=bought or Plan.objects.filter(name=standing.terms.plan).first(),
        pack=AddOn.objects.filter(name=what).first(),
        situation=situation,
        facts=facts_of(standing.terms),
    )


def live(request: HttpRequest) -> HttpResponse:
    """The waiting words for poll.js; once the plan is there a redirect, upon which poll.js loads the page anew."""
    what = request.GET.get("for", "")[:40]
    if has_arrived(workspace_of(request), what):
        return redirect(f"{reverse('portal:plan-done')}?{urlencode({'for': what})}")
    return render(request, "portal/billing/still.html", _waiting(request, what))


def has_arrived(workspace: Workspace, what: str) -> bool:
    """Whether what was bought is in force: packs of an add-on, or any plan that is paid or on trial."""
    bought = Boost.objects.for_workspace(workspace).not_over().filter(add_on=what)
    if AddOn.objects.filter(name=what).exists():
        return bool(bought.filter(starts_at__gte=clock.now() - JUST_NOW).exists())
    row = situation_of(workspace).subscription
    return row is not None and row.grants() and limits.terms_of(workspace).rank >= (row.plan.rank if row.plan else 0)


def _waiting(request: HttpRequest, what: str) -> dict[str, Any]:
    """Since when this browser waits, and the address that tells it more."""
    since, session = _since(request), request.GET.get("session_id", "")
    reference = session if SESSION.fullmatch(session) else ""
    query = urlencode({"for": what, "session_id": reference, "since": int(since.timestamp())})
    return {
        "live_url": f"{reverse('portal:plan-done-live')}?{query}",
        "takes_long": clock.now() - since > LONG,
        "reference": reference,
    }


def _since(request: HttpRequest) -> datetime:
    asked = request.GET.get("since", "")
    now = clock.now()
    if not (asked.isascii() and asked.isdecimal() and len(asked) <= 10):
        return now
    return min(now, datetime.fromtimestamp(int(asked), UTC))


PAGES = (
    Page("plans/done/", "plan-done", done, deed=Deed.BILLING),
    Page("plans/done/live/", "plan-done-live", live, deed=Deed.BILLING),
)
