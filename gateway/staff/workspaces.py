"""A workspace with everything that the apps below the gateway know of it: plan, grants, keys, usage."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from accounts import current
from accounts.models import Workspace
from accounts.staff.base import Deed, StaffInline, WithReason, button, staff_of
from accounts.staff.days import DaysFilter
from accounts.staff.workspaces import MemberInline, StateFilter, WorkspaceStaff
from billing.census import plans_of
from billing.models import Entitlement
from billing.staff.grants import EntitlementInline, grant_deed
from billing.staff.subscriptions import SubscriptionInline
from billing.staff.workspace import billing_of
from billing.terms import FREE, PLAN_NAMES
from gateway.models import ApiKey, Usage
from gateway.staff.keys import LABELS, state_of

BILLING_NEEDS = (
    "accounts.view_workspace",
    "billing.view_subscription",
    "billing.view_entitlement",
    "billing.view_stripeevent",
    "billing.view_case",
)


class PlanFilter(DropdownFilter):
    title = "plan"
    parameter_name = "plan"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name.capitalize()) for name in PLAN_NAMES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Workspace]) -> QuerySet[Workspace]:
        """Workspaces whose strongest grant is of this plan; free is having none."""
        if self.value() not in PLAN_NAMES:
            return queryset
        granted = Entitlement.objects.in_force().order_by()
        rank = PLAN_NAMES.index(str(self.value()))
        stronger = granted.filter(plan__rank__gt=rank).values("workspace")
        if self.value() != FREE:
            queryset = queryset.filter(pk__in=granted.filter(plan=self.value()).values("workspace"))
        return queryset.exclude(pk__in=stronger)


class KeyInline(StaffInline):
    """The keys of a workspace; none of their secrets."""

    model = ApiKey
    verbose_name_plural = "API keys"
    fields = readonly_fields = ("name", "state", "mode", "created_at", "expires_at", "last_used_at")

    @display(description="State", label=LABELS)
    def state(self, row: ApiKey) -> str:
        return state_of(row)


class TenantStaff(WorkspaceStaff):
    """Workspaces with plan, keys and usage; grants, and the portal through the customer's eyes."""

    list_display: Any = (
        "name",
        "owner",
        "state",
        "plan",
        "member_count",
        "key_count",
        "requests_day",
        "created_at",
    )
    list_filter: ClassVar[tuple[Any, ...]] = (StateFilter, PlanFilter, ("created_at", DaysFilter))
    inlines: ClassVar[tuple[Any, ...]] = (MemberInline, KeyInline, EntitlementInline, SubscriptionInline)
    readonly_fields: ClassVar[tuple[str, ...]] = (
        *WorkspaceStaff.readonly_fields,
        "plan",
        "key_count",
        "requests_day",
        "requests_month",
    )
    fieldsets = (
        ("Workspace", {"fields": ("name", "slug", "state", "owner", "created_at")}),
        ("Plan and use", {"fields": ("plan", "key_count", "requests_day", "requests_month")}),
        ("Settings", {"fields": ("members_manage_own_keys", "closed_at", "erase_after", "erased_at")}),
    )
    actions_detail = ("billing", "grant_plan", "act_as", "close", "reopen")

    def attach(self, rows: list[Any]) -> None:
        """Plan, usable keys and requests of a page of workspaces, in three queries."""
        ids = [row.pk for row in rows]
        plans, keys, usage = plans_of(ids), _keys(ids), _requests(ids)
        for row in rows:
            row.plan_name = plans.get(row.pk, FREE)
            row.keys_usable = keys.get(row.pk, 0)
            row.used_day, row.used_month = usage.get(row.pk, (0, 0))

    @display(description="Plan", label={"free": "default", "pro": "info", "team": "primary", "enterprise": "success"})
    def plan(self, row: Any) -> str:
        return str(row.plan_name)

    @display(description="Usable keys")
    def key_count(self, row: Any) -> str:
        return f"{row.keys_usable:,}"

    @display(description="Requests, 24 h")
    def requests_day(self, row: Any) -> str:
        return f"{row.used_day:,}"

    @display(description="Requests, 30 days")
    def requests_month(self, row: Any) -> str:
        return f"{row.used_month:,}"

    @button("Billing", url_path="billing", permissions=("billing",), icon="payments")
    def billing(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What the workspace pays, has and was told, side by side."""
        row = self.get_object(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Billing of {row}",
            "content_title": f"Billing of {row}",
            "row": row,
            "back": self.url_of(row),
            **billing_of(row),
        }
        return TemplateResponse(request, "staff/billing.html", context)

    @button("Grant a plan", url_path="grant", permissions=("grant",), icon="redeem")
    def grant_plan(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.perform(request, object_id, grant_deed(request))

    @button("View as customer", url_path="act-as", permissions=("act",), icon="visibility")
    def act_as(self, request: HttpRequest, object_id: str) -> HttpResponse:
        def run(row: Workspace, values: dict[str, Any]) -> str:
            self.explain(request, row, "staff.acting_started", values)
            current.start_acting(request, row)
            return "/portal/"

        text = (
            f"You see the portal as {staff_of(request)} looking at this workspace: everything its owner sees, and "
            "nothing can be changed. A banner says so on every page and ends it."
        )
        return self.perform(request, object_id, Deed("View as customer", text, "Open the portal", WithReason, run))

    def has_grant_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether this person may grant a plan to this workspace."""
        return request.user.has_perm("billing.add_entitlement") and self.has_open_row_permission(request, object_id)

    def has_billing_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether this person may see all of what the page shows."""
        return request.user.has_perms(BILLING_NEEDS)

    def has_act_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether this person may look at this workspace's portal, and there is still something to look at."""
        return current.may_act(request) and Workspace.objects.filter(pk=object_id, erased_at=None).exists()


def _keys(workspace_ids: list[int]) -> dict[int, int]:
    usable = ApiKey.objects.usable().filter(workspace__in=workspace_ids).order_by()
    return dict(usable.values("workspace_id").annotate(n=Count("pk")).values_list("workspace_id", "n"))


def _requests(workspace_ids: list[int]) -> dict[int, tuple[int, int]]:
    """Requests of the last 24 hours and 30 days; hourly rows, so the oldest hour counts whole."""
    now = timezone.now()
    recent = Usage.objects.filter(workspace_id__in=workspace_ids, hour__gte=now - timedelta(days=30)).order_by()
    day = Sum("requests", filter=Q(hour__gte=now - timedelta(hours=24)), default=0)
    rows = recent.values("workspace_id").annotate(day=day, month=Sum("requests"))
    return {row["workspace_id"]: (row["day"], row["month"]) for row in rows}
