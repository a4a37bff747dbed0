"""The API of the gateway: every package of it brings its own addresses."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from gateway.gate.views import QuotaView, WhoamiView
from gateway.usage.views import UsageSummaryView, UsageView

urlpatterns: list[URLPattern | URLResolver] = [
    path("whoami", WhoamiView.as_view(), name="whoami"),
    path("quota", QuotaView.as_view(), name="quota"),
    path("usage", UsageView.as_view(), name="usage"),
    path("usage/summary", UsageSummaryView.as_view(), name="usage-summary"),
    path("", include("gateway.data.urls")),
    path("", include("gateway.keys.urls")),
]
