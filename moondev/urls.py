"""Which paths a process answers: MOONDEV_SERVICE picks them; `all` has every one."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from moondev import problems, schema, views

Paths = list[URLPattern | URLResolver]


def part(prefix: str, module: str) -> Paths:
    return [path(prefix, include(module))] if find_spec(module) else []


def site(prefix: str, module: str, name: str) -> Paths:
    if not find_spec(module):
        return []
    from importlib import import_module

    return [path(prefix, getattr(import_module(module), name).urls)]


def dashboard() -> Paths:
    return [
        path("", RedirectView.as_view(pattern_name="portal:index"), name="home"),
        *site("portal/", "moondev.portal", "portal_site"),
        *site("admin/", "moondev.staff", "staff_site"),
        *part("accounts/", "accounts.urls"),
        *part("accounts/", "allauth.urls"),
    ]


def gateway() -> Paths:
    return part("", "gateway.urls")


def billing() -> Paths:
    return part("", "billing.urls")


SHARED: Paths = [
    path("health", views.Health.as_view(), name="health"),
    path("ready", views.Ready.as_view(), name="ready"),
    path("metrics", views.metrics_page, name="metrics"),
    path("schema", schema.Schema.as_view(), name="schema"),
    path("docs", views.docs, name="docs"),
    path("docs/errors", views.docs_errors, name="docs-errors"),
]
SERVICES: dict[str, tuple[Callable[[], Paths], ...]] = {
    "gateway": (gateway, billing),
    "billing": (billing,),
    "alerts": (),
    "dashboard": (dashboard,),
    "all": (gateway, billing, dashboard),
}

urlpatterns: Paths = [*SHARED, *(paths for part_of in SERVICES[settings.MOONDEV_SERVICE] for paths in part_of())]

handler400 = problems.bad_request
handler403 = problems.permission_denied
handler404 = problems.page_not_found
handler500 = problems.server_error
