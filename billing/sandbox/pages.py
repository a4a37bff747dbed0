"""The pages that Stripe hosts, here for a browser on this machine: how they are registered, and the first page."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render

from billing.sandbox import clock
from billing.sandbox.errors import NoSuch, Refused
from billing.sandbox.expand import shown
from billing.sandbox.forms import Params, decode
from billing.sandbox.store import Object, store

# Called with the request, the form's fields and the ids of the path.
Page = Callable[..., HttpResponse]
DAY = 86_400
STEPS = {"day": DAY, "week": 7 * DAY, "month": 31 * DAY, "year": 366 * DAY}
NEWEST = 50

_pages: dict[str, dict[str, Page]] = {}


def page(method: str, path: str) -> Callable[[Page], Page]:
    """Register a page: `@page("POST", "c/pay/<id>") def pay(request, params, id) -> HttpResponse`.

    It is called with the store's lock held. NoSuch becomes a 404 page, any other Refused a 400 page.
    """

    def keep(show: Page) -> Page:
        _pages.setdefault(path, {})[method] = show
        return show

    return keep


def paths() -> list[str]:
    """The paths of all pages."""
    return sorted(_pages, key=lambda path: (path.count("<"), path))


def show(request: HttpRequest, path: str, **ids: str) -> HttpResponse:
    """Answer a browser."""
    found = _pages[path].get("GET" if request.method == "HEAD" else request.method or "")
    if found is None:
        return HttpResponseNotAllowed(list(_pages[path]))
    data = store()
    with data.lock:
        data.is_dirty = data.is_dirty or request.method == "POST"
        try:
            return found(request, decode(request.META.get("QUERY_STRING", ""), request.body.decode()), *ids.values())
        except Refused as refused:
            status = 404 if isinstance(refused, NoSuch) else 400
            return render(request, "sandbox/refused.html", {"message": str(refused)}, status=status)


@page("GET", "")
def index(request: HttpRequest, params: Params) -> HttpResponse:
    data = store()
    kinds = sorted({obj["object"] for obj in data.objects.values()} - {"event"})
    context = {
        "now": _time(data.now()),
        "ahead": round(data.offset / DAY),
        "steps": list(STEPS),
        "kinds": [(kind, [(obj["id"], _json(obj)) for obj in data.rows(kind)[:NEWEST]]) for kind in kinds],
        "events": [
            (event["id"], _json(event), event["type"], _time(event["created"])) for event in data.rows("event")[:NEWEST]
        ],
    }
    return render(request, "sandbox/index.html", context)


@page("POST", "advance/<step>")
def advance(request: HttpRequest, params: Params, step: str) -> HttpResponse:
    if step not in STEPS:
        raise NoSuch("step", step)
    clock.advance(STEPS[step])
    return HttpResponseRedirect("/")


def _json(obj: Object) -> str:
    return json.dumps(shown(obj), indent=2)


def _time(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S")
