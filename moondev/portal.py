"""The customers' site at /portal/: a second Unfold site whose every page belongs to one workspace.

It has no login of its own: allauth's checks the address, the second factor and the limits. The frame of a page (menu,
workspace switcher, time zone) is added here; the pages themselves live with their apps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.templatetags.static import static
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.functional import SimpleLazyObject
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.generic import RedirectView
from unfold.sites import UnfoldAdminSite

from accounts.current import is_acting, member_of
from accounts.models import Invitation, Member, User
from accounts.owned import OwnedModelAdmin
from accounts.portal import pages, people, team, workspace
from accounts.portal.pages import Needs, Page, is_readable, zone_of
from accounts.roles import Deed
from accounts.services.invitations import waiting_for
from alerts.models import Alert, Delivery, Destination
from alerts.portal import history
from alerts.portal.alerts import AlertAdmin
from alerts.portal.destinations import DestinationAdmin, lost_of
from backtests.models import Dataset, Folder, Result, Run, Share
from backtests.portal import comparing, market
from backtests.portal.data import DatasetAdmin
from backtests.portal.filing import FolderAdmin, ShareAdmin
from backtests.portal.results import ResultAdmin
from backtests.portal.runs import RunAdmin
from billing import limits
from billing.portal import arrival, changes, invoices, packs, plans
from billing.portal.situation import situation_of
from gateway.keys.pending import key_to_reveal
from gateway.models import ApiKey
from gateway.portal import keys, overview, quickstart, usage
from moondev.lib.errors import AppError, Forbidden, NotFound

PAGES: tuple[Page, ...] = (
    *overview.PAGES,
    *usage.PAGES,
    *quickstart.PAGES,
    *plans.PAGES,
    *changes.PAGES,
    *packs.PAGES,
    *invoices.PAGES,
    *arrival.PAGES,
    *team.PAGES,
    *workspace.PAGES,
    *people.PAGES,
    *comparing.PAGES,
    *market.PAGES,
)


class PortalSite(UnfoldAdminSite):
    """The customers' admin site. Anybody active may come in; what they see is their workspace's."""

    settings_name = "UNFOLD_PORTAL"
    site_title = "Moon Dev"
    index_title = "Overview"

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Only what scopes its rows may be registered: a plain ModelAdmin would show every tenant's."""
        if admin_class is None or not issubclass(admin_class, OwnedModelAdmin):
            raise ImproperlyConfigured(f"{admin_class} must be an OwnedModelAdmin to be on the portal.")
        super().register(model_or_iterable, admin_class, **options)

    # Addresses ----------------------------------------------------------------------------------------------------

    # Any: Django and Unfold disagree about what such a list may hold.
    def get_urls(self) -> Any:
        """Our pages and no more: none of the site-wide addresses of an admin that looks into every app."""
        found = [
            path("login/", self.login, name="login"),
            # Django's site asks for this name; leaving is allauth's too.
            path("logout/", RedirectView.as_view(pattern_name="account_logout"), name="logout"),
            path("jsi18n/", self.admin_view(self.i18n_javascript, cacheable=True), name="jsi18n"),
            path("autocomplete/", self.admin_view(self.autocomplete_view), name="autocomplete"),
        ]
        return found + [path(page.route, self.frame(page), name=page.name) for page in self.pages()]

    def pages(self) -> list[Page]:
        """Every page: those of a model come from its admin, the others from the list above."""
        owned = (admin for admin in self._registry.values() if isinstance(admin, OwnedModelAdmin))
        return [*PAGES, *(page for admin in owned for page in admin.portal_pages())]

    def frame(self, page: Page) -> Callable[..., HttpResponseBase]:
        """A page's view behind login, CSRF, method, workspace and role, and in the person's time zone."""

        def view(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
            request.current_app = self.name
            # HEAD carries no token, so it may ask for what GET shows and never press a button.
            if ("GET" if request.method == "HEAD" else request.method) not in page.methods:
                return HttpResponseNotAllowed(page.methods)
            pages.check_address(request)
            with timezone.override(zone_of(pages.person(request))):
                return self._finish(request, self._answer(page, request, kwargs))

        view.__name__ = page.name
        return self.admin_view(view)

    def _answer(self, page: Page, request: HttpRequest, kwargs: dict[str, Any]) -> HttpResponseBase:
        if page.needs is Needs.PERSON:
            return self._run(page, request, kwargs)
        member = member_of(request)
        if member is None:
            return pages.show(
                request, "portal/nowhere.html", "Welcome", invitations=waiting_for(user=pages.person(request))
            )
        if not pages.allowed(request, page.deed):
            raise PermissionDenied
        if page.needs is Needs.OPEN and not member.workspace.is_open:
            return pages.show(request, "portal/closed.html", "This workspace is closed")
        return self._run(page, request, kwargs)

    def _run(self, page: Page, request: HttpRequest, kwargs: dict[str, Any]) -> HttpResponseBase:
        """A service's refusal of a button's press becomes a toast on the page that the button stands on."""
        try:
            return page.view(request, **kwargs)
        except AppError as error:
            if isinstance(error, NotFound):
                raise Http404 from error
            if isinstance(error, Forbidden) and not is_readable(error):
                raise PermissionDenied from error
            if request.method != "POST":
                raise
            messages.error(request, error.detail)
            return redirect(self._back(page, kwargs))

    def _back(self, page: Page, kwargs: dict[str, Any]) -> str:
        target = next(item for item in self.pages() if item.name == page.back)
        needed = {name: value for name, value in kwargs.items() if f":{name}>" in target.route}
        return reverse(f"{self.name}:{page.back}", kwargs=needed)

    def _finish(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Add the frame's context and render while the person's time zone is in force."""
        if isinstance(response, TemplateResponse) and not response.is_rendered:
            response.context_data = {**self.each_context(request), **(response.context_data or {})}
            response.render()
        return response

    # Login --------------------------------------------------------------------------------------------------------

    @method_decorator(never_cache)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Nobody logs in here: who has a session goes on, everybody else goes to allauth's door."""
        if request.user.is_authenticated and self.has_permission(request):
            return redirect(self._next(request))
        answer: HttpResponse = secure_admin_login(super().login)(request, extra_context)
        return answer

    def _next(self, request: HttpRequest) -> str:
        target = request.GET.get("next", "")
        safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
        return target if safe else reverse(f"{self.name}:index")

    # Frame --------------------------------------------------------------------------------------------------------

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        member = member_of(request)
        return {
            **super().each_context(request),
            "command_palette": "portal/parts/nothing.html",
            "member": member,
            "acting": is_acting(request),
            "may_manage": pages.allowed(request, Deed.MANAGE),
            "may_bill": pages.allowed(request, Deed.BILLING),
            "situation": SimpleLazyObject(lambda: situation_of(member.workspace) if member else None),
            "test_payments": not settings.STRIPE_LIVE_MODE,
            "terms": SimpleLazyObject(lambda: limits.terms_of(member.workspace) if member else None),
            "pending_key": SimpleLazyObject(lambda: key_to_reveal(member.workspace) if member else None),
            "lost_places": SimpleLazyObject(lambda: lost_of(member.workspace) if member else []),
            "menu": menu(request, member),
            "places": places(request),
            "simulated": settings.MARKET_DATA_SOURCE == "simulated",
        }

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Unfold's own lists of models have no place here; the menu below is the only one."""
        return []


def style(request: HttpRequest) -> str:
    """The portal's one stylesheet, by its hashed name in production."""
    return static("moondev/portal.css")


Entry = tuple[str, str, str]
MENU: Sequence[Entry] = (
    ("index", "Overview", "dashboard"),
    ("keys", "API keys", "key"),
    ("usage", "Usage", "bar_chart"),
    ("alerts", "Alerts", "notifications"),
    ("runs", "Backtests", "science"),
    ("quickstart", "Quick start", "rocket_launch"),
    ("plans", "Plans", "sell"),
    ("team", "Team", "group"),
    ("settings", "Settings", "settings"),
    ("security", "Security", "shield"),
)


def menu(request: HttpRequest, member: Member | None) -> list[dict[str, Any]]:
    """The sidebar: where one can go, and where one is."""
    entries = MENU if member else [entry for entry in MENU if entry[0] == "security"]
    return [
        {"url": (url := reverse(f"portal:{name}")), "title": title, "icon": icon, "here": _is_here(request.path, url)}
        for name, title, icon in entries
    ]


def _is_here(path_now: str, url: str) -> bool:
    return path_now == url if url == reverse("portal:index") else path_now.startswith(url)


def places(request: HttpRequest) -> list[Member]:
    """The person's workspaces for the switcher, by name."""
    if not isinstance(request.user, User):
        return []
    mine = Member.objects.filter(user=request.user, workspace__erased_at=None)
    return list(mine.select_related("workspace").order_by("workspace__name", "pk"))


portal_site = PortalSite(name="portal")
portal_site.register(ApiKey, keys.ApiKeyAdmin)
# Their pages lie below alerts/ like those of single alerts, so they come first.
portal_site.register(Destination, DestinationAdmin)
portal_site.register(Delivery, history.DeliveryAdmin)
portal_site.register(Alert, AlertAdmin)
portal_site.register(Member, team.MemberAdmin)
portal_site.register(Invitation, team.InvitationAdmin)
portal_site.register(Run, RunAdmin)
portal_site.register(Result, ResultAdmin)
portal_site.register(Folder, FolderAdmin)
portal_site.register(Share, ShareAdmin)
portal_site.register(Dataset, DatasetAdmin)
