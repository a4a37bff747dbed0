"""The dashboard's paths: the portal, share links, the staff site, and the door to both."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from moondev.portal import portal_site
from moondev.staff import staff_site

urlpatterns: list[URLPattern | URLResolver] = [
    # The portal sends those who have no session on to the login.
    path("", RedirectView.as_view(pattern_name="portal:index"), name="home"),
    path("", include("backtests.portal.urls")),
    path("portal/", portal_site.urls),
    path("admin/", staff_site.urls),
    path("accounts/", include("accounts.urls")),
    path("accounts/", include("billing.claim_urls")),
    path("accounts/", include("allauth.urls")),
]
