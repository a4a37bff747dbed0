"""Which paths a process answers: MOONDEV_SERVICE picks them; `all` has every one."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from moondev import problems, schema, views
from moondev.portal import portal_site
from moondev.staff import staff_site

Paths = list[URLPattern | URLResolver]

EVERYWHERE: Paths = [
    path("health", views.Health.as_view(), name="health"),
    path("ready", views.Ready.as_view(), name="ready"),
    path("metrics", views.metrics_page, name="metrics"),
    path("schema", schema.Schema.as_view(), name="schema"),
    path("docs", views.docs, name="docs"),
    path("docs/errors", views.docs_errors, name="docs-errors"),
]
GATEWAY: Paths = [path("", include("gateway.urls"))]
BILLING: Paths = [path("", include("billing.urls"))]
DASHBOARD: Paths = [
    # The portal sends those who have no session on to the login.
    path("", RedirectView.as_view(pattern_name="portal:index"), name="home"),
    path("portal/", portal_site.urls),
    path("admin/", staff_site.urls),
    path("accounts/", include("accounts.urls")),
    path("accounts/", include("allauth.urls")),
]
SERVICES: dict[str, Paths] = {
    "gateway": [*GATEWAY, *BILLING],
    "billing": BILLING,
    "alerts": [],
    "dashboard": DASHBOARD,
    "all": [*GATEWAY, *BILLING, *DASHBOARD],
}

urlpatterns: Paths = [*EVERYWHERE, *SERVICES[settings.MOONDEV_SERVICE]]

handler400 = problems.bad_request
handler403 = problems.permission_denied
handler404 = problems.page_not_found
handler500 = problems.server_error
