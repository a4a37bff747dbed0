"""The quick start: lines to copy, with the caller's own key prefix and address filled in."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from accounts.portal.pages import Page, show, workspace_of
from gateway.models import ApiKey, KeySecret

LANGUAGES = (("curl", "curl"), ("python", "Python"), ("javascript", "JavaScript"))
NO_KEY = "md_live_…"
# Digits of an id in a query string.
LONGEST_ID = 18


@dataclass(frozen=True, slots=True)
class Snippet:
    """One piece of code, ready to copy."""

    name: str
    title: str
    code: str


def quickstart(request: HttpRequest) -> HttpResponse:
    """Three languages, one key: the chosen one or the newest that works."""
    keys = ApiKey.objects.for_workspace(workspace_of(request)).usable()
    # Of thousands of digits int() makes an error.
    chosen = request.GET.get("key", "")[:LONGEST_ID]
    key = (keys.filter(pk=int(chosen)).first() if chosen.isdecimal() else None) or keys.first()
    prefix = prefix_of(key)
    return show(
        request,
        "portal/quickstart.html",
        "Quick start",
        key=key,
        keys=keys[:20],
        prefix=prefix,
        snippets=snippets(prefix),
    )


def prefix_of(key: ApiKey | None) -> str:
    """What the reader recognises their key by; the rest they have and we do not."""
    secret = KeySecret.objects.filter(key=key, expires_at=None).first() if key else None
    return f"{secret.prefix}…" if secret else NO_KEY


def snippets(prefix: str) -> list[Snippet]:
    """The code of every language, with the address of this installation's gateway."""
    context = {"gateway": settings.GATEWAY_PUBLIC_URL, "prefix": prefix}
    return [
        Snippet(name, title, render_to_string(f"portal/snippets/{name}.txt", context).strip())
        for name, title in LANGUAGES
    ]


PAGES = (Page("quickstart/", "quickstart", quickstart),)
