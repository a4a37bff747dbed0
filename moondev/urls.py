"""Which paths a process answers: MOONDEV_SERVICE picks them; `all` has every one."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from moondev import problems, schema, views

EVERYWHERE: list[URLPattern | URLResolver] = [
    path("health", views.Health.as_view(), name="health"),
    path("ready", views.Ready.as_view(), name="ready"),
    path("metrics", views.metrics_page, name="metrics"),
    path("schema", schema.Schema.as_view(), name="schema"),
    path("docs", views.docs, name="docs"),
    path("docs/errors", views.docs_errors, name="docs-errors"),
]
# Named as text, so that a process loads the pages of its own service only.
PARTS: dict[str, tuple[str, ...]] = {
    "gateway": ("gateway.urls", "billing.urls"),
    "billing": ("billing.urls",),
    "alerts": ("alerts.urls",),
    "dashboard": ("backtests.urls", "gateway.data.download_urls", "moondev.pages"),
    "all": (
        "gateway.urls",
        "billing.urls",
        "alerts.urls",
        "backtests.urls",
        "gateway.data.download_urls",
        "moondev.pages",
    ),
}

urlpatterns: list[URLPattern | URLResolver] = [
    *EVERYWHERE,
    *(path("", include(part)) for part in PARTS[settings.MOONDEV_SERVICE]),
]

handler400 = problems.bad_request
handler403 = problems.permission_denied
handler404 = problems.page_not_found
handler500 = problems.server_error
