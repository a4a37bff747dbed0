"""The staff site at /admin/: a second factor or no entry, and no login of its own.

The pages live with their apps; this file says which there are, who comes in, and what the front page shows.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import update_wrapper
from typing import Any, NamedTuple, TypeVar, cast

from allauth.account.decorators import secure_admin_login
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.models import Group
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from unfold.sites import UnfoldAdminSite

from accounts.models import AuditEntry, Invitation, User, Workspace
from accounts.staff.base import StaffAdmin, url_of
from accounts.staff.entry import may_enter
from accounts.staff.people import GroupStaff, UserStaff
from accounts.staff.records import AuditStaff, InvitationStaff
from alerts.models import Delivery, Destination
from alerts.staff.deliveries import DeliveryStaff
from alerts.staff.destinations import DestinationStaff
from backtests.models import Run
from backtests.staff.runs import RunStaff
from billing.census import workspaces_by_plan
from billing.models import AddOn, Case, Entitlement, Plan, StripeEvent, Subscription
from billing.staff.addons import AddOnStaff
from billing.staff.cases import CaseStaff
from billing.staff.events import StripeEventStaff
from billing.staff.grants import EntitlementStaff
from billing.staff.plans import PlanStaff
from billing.staff.subscriptions import SubscriptionStaff
from gateway.models import ApiKey, Usage
from gateway.staff.keys import KeyStaff
from gateway.staff.usage import UsageStaff
from gateway.staff.workspaces import TenantStaff
from moondev.lib.queue import State


class Entry(NamedTuple):
    """A line of the menu: whose permission it needs, how it reads, and which page of the model it leads to."""

    model: type[Any]
    title: str
    icon: str
    page: str = ""


MENU: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        "Customers",
        (
            Entry(Workspace, "Workspaces", "apartment"),
            Entry(User, "Users", "person"),
            Entry(Invitation, "Invitations", "mail"),
            Entry(ApiKey, "API keys", "key"),
            Entry(Usage, "Usage by customer", "bar_chart"),
        ),
    ),
    (
        "Plans",
        (
            Entry(Plan, "Plans", "sell"),
            Entry(AddOn, "Add-ons", "extension"),
            Entry(Entitlement, "Entitlements", "redeem"),
        ),
    ),
    (
        "Payment",
        (
            Entry(Subscription, "Revenue", "payments", "billing_revenue"),
            Entry(Subscription, "Subscriptions", "autorenew"),
            Entry(Case, "Billing cases", "flag"),
            Entry(StripeEvent, "Stripe events", "webhook"),
        ),
    ),
    (
        "Alerts",
        (
            Entry(Delivery, "Alerting", "notifications", "alerts_overview"),
            Entry(Destination, "Destinations", "send"),
            Entry(Delivery, "Deliveries", "outbox"),
        ),
    ),
    ("Backtests", (Entry(Run, "Backtesting", "science", "backtests_overview"), Entry(Run, "Runs", "play_circle"))),
    ("Records", (Entry(AuditEntry, "Audit log", "history"), Entry(Group, "Staff groups", "badge"))),
)


View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class StaffSite(UnfoldAdminSite):
    """Staff only. What a person may do here is Django's permissions; a superuser may do everything."""

    settings_name = "UNFOLD_STAFF"
    index_template = "staff/index.html"
    index_title = "Overview"
    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        """Staff with a second factor."""
        return may_enter(request)

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """A view behind the door. Who has a session but no right meets the door at once, not after a redirect."""
        guarded: Callable[..., HttpResponseBase] = super().admin_view(view, cacheable)

        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.user.is_authenticated and not self.has_permission(request):
                return self.login(request)
            return guarded(request, *args, **kwargs)

        return cast(View, update_wrapper(inner, guarded))

    @method_decorator(never_cache)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Nobody logs in here: staff go on, or first set up a second factor; everybody else goes to allauth's door."""
        answer: HttpResponse = secure_admin_login(self._let_in)(request)
        return answer

    def _let_in(self, request: HttpRequest) -> HttpResponse:
        if self.has_permission(request):
            return redirect(self._next(request))
        messages.warning(request, "The staff site needs a second factor. Set one up here, then come back.")
        return redirect("mfa_activate_totp")

    def _next(self, request: HttpRequest) -> str:
        target = request.GET.get("next", "")
        safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
        return target if safe else reverse("staff:index")

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        logout(request)
        return redirect("account_login")

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """allauth changes passwords: it limits attempts and mails the owner."""
        return redirect("account_change_password")

    def get_sidebar_list(self, request: HttpRequest) -> list[dict[str, Any]]:
        """The menu: what the person may view, and where they are."""
        groups: list[dict[str, Any]] = [{"title": "", "items": [self._home(request)]}]
        for title, entries in MENU:
            items = [self._entry(entry) for entry in entries if self._may_view(request, entry.model)]
            groups += [{"title": title, "items": items}] if items else []
        _mark_active(request, [item for group in groups[1:] for item in group["items"]])
        return groups

    def _home(self, request: HttpRequest) -> dict[str, Any]:
        url = reverse("staff:index")
        return {
            "title": "Overview",
            "icon": "dashboard",
            "link": url,
            "active": request.path == url,
            "has_permission": True,
        }

    def _may_view(self, request: HttpRequest, model: type[Any]) -> bool:
        return self._registry[model].has_view_permission(request)

    def _entry(self, entry: Entry) -> dict[str, Any]:
        options = entry.model._meta
        url = reverse(f"staff:{entry.page or f'{options.app_label}_{options.model_name}_changelist'}")
        return {"title": entry.title, "icon": entry.icon, "link": url, "active": False, "has_permission": True}

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """The front page: a few numbers and the latest deeds, as far as the person may see them."""
        return super().index(request, {**front_page(request), **(extra_context or {})})


def _mark_active(request: HttpRequest, items: list[dict[str, Any]]) -> None:
    """Where the person is: of the entries whose address the page's begins with, the longest."""
    here = [item for item in items if request.path.startswith(item["link"])]
    if here:
        max(here, key=lambda item: len(item["link"]))["active"] = True


def front_page(request: HttpRequest) -> dict[str, Any]:
    """Numbers by permission: who may not view a thing does not see how many there are."""
    return {
        "numbers": [number() for permission, number in NUMBERS if request.user.has_perm(permission)],
        "plans": _plans() if request.user.has_perm("billing.view_plan") else [],
        "deeds": _deeds() if request.user.has_perm("accounts.view_auditentry") else [],
    }


Number = dict[str, Any]


def _customers() -> Number:
    return _number("Open workspaces", Workspace.objects.open().count(), "accounts_workspace_changelist", "?state=open")


def _people() -> Number:
    return _number(
        "People", User.objects.filter(is_active=True).count(), "accounts_user_changelist", "?is_active__exact=1"
    )


def _keys() -> Number:
    usable = ApiKey.objects.usable().filter(workspace__closed_at=None)
    return _number("Usable API keys", usable.count(), "gateway_apikey_changelist", "?state=usable")


def _requests_today() -> Number:
    today = datetime.combine(timezone.now().date(), datetime.min.time(), UTC)
    total = Usage.objects.filter(hour__gte=today).aggregate(n=Sum("requests", default=0))["n"]
    day = f"{today:%Y-%m-%d}"
    return _number("Requests today (UTC)", total, "gateway_usage_changelist", f"?start={day}&end={day}")


def _subscriptions() -> Number:
    live = Subscription.objects.live()
    return _number("Live subscriptions", live.count(), "billing_subscription_changelist", "?look=live")


def _cases() -> Number:
    return _number("Open cases", Case.objects.filter(closed_at=None).count(), "billing_case_changelist", "?state=open")


def _given_up() -> Number:
    parked = Delivery.objects.filter(state=State.PARKED)
    return _number("Messages given up", parked.count(), "alerts_delivery_changelist", "?look=parked")


def _queued() -> Number:
    return _number("Backtests under way", Run.objects.unfinished().count(), "backtests_run_changelist")


NUMBERS: tuple[tuple[str, Callable[[], Number]], ...] = (
    ("accounts.view_workspace", _customers),
    ("accounts.view_user", _people),
    ("gateway.view_apikey", _keys),
    ("gateway.view_usage", _requests_today),
    ("billing.view_subscription", _subscriptions),
    ("billing.view_case", _cases),
    ("alerts.view_delivery", _given_up),
    ("backtests.view_run", _queued),
)


def _number(title: str, value: int, url: str, query: str = "") -> Number:
    return {"title": title, "value": f"{value:,}", "url": reverse(f"staff:{url}") + query}


def _plans() -> list[dict[str, Any]]:
    counts = workspaces_by_plan()
    most = max(counts.values(), default=0) or 1
    return [
        {
            "plan": plan,
            "count": counts[plan.name],
            "share": round(100 * counts[plan.name] / most),
            "url": url_of(plan, "staff"),
        }
        for plan in Plan.objects.order_by("rank")
    ]


def _deeds() -> list[AuditEntry]:
    return list(AuditEntry.objects.select_related("workspace").order_by("-at", "-id")[:12])


def style(request: HttpRequest) -> str:
    """The address of the site's own stylesheet."""
    return static("moondev/staff.css")


def script(request: HttpRequest) -> str:
    """The address of the site's own script."""
    return static("moondev/staff.js")


def icon(request: HttpRequest) -> str:
    """The address of the site's icon."""
    return static("moondev/moon.svg")


PAGES: tuple[tuple[type[Any], type[StaffAdmin]], ...] = (
    (Workspace, TenantStaff),
    (User, UserStaff),
    (Group, GroupStaff),
    (Invitation, InvitationStaff),
    (AuditEntry, AuditStaff),
    (Plan, PlanStaff),
    (AddOn, AddOnStaff),
    (Entitlement, EntitlementStaff),
    (Subscription, SubscriptionStaff),
    (Case, CaseStaff),
    (StripeEvent, StripeEventStaff),
    (Destination, DestinationStaff),
    (Delivery, DeliveryStaff),
    (Run, RunStaff),
    (ApiKey, KeyStaff),
    (Usage, UsageStaff),
)

staff_site = StaffSite(name="staff")
for _model, _page in PAGES:
    staff_site.register(_model, _page)
