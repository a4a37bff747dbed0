"""Subscriptions as we last read them from Stripe, with what may be done about them by hand."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter, RelatedDropdownFilter
from unfold.decorators import display

from accounts.staff.base import Confirm, Deed, StaffAdmin, StaffInline, WithReason, button, staff_of
from accounts.staff.days import DaysFilter
from billing.models import Boost, Subscription
from billing.payments import closing, reconcile, suspension
from billing.payments.revenue import PAYING
from billing.staff.grants import EntitlementInline
from billing.staff.revenue import dollars, revenue_page

LABELS = {
    "active": "success",
    "trialing": "info",
    "past due": "warning",
    "incomplete": "warning",
    "unpaid": "danger",
    "paused": "warning",
    "suspended": "danger",
    "ending": "warning",
    "canceled": "default",
    "incomplete expired": "default",
}
DASHBOARD = "https://dashboard.stripe.com/"


class StateFilter(DropdownFilter):
    title = "what it is"
    parameter_name = "look"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("live", "Live"),
            ("paying", "Paying"),
            ("suspended", "Suspended"),
            ("ending", "Ends soon"),
            ("cancelling", "Being cancelled"),
            ("unclaimed", "Nobody has claimed it"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Subscription]) -> QuerySet[Subscription]:
        chosen = {
            "live": Q(),
            "paying": PAYING,
            "suspended": Q(suspended_at__isnull=False),
            "ending": Q(cancels_at__isnull=False),
            "cancelling": Q(cancel_requested_at__isnull=False),
            "unclaimed": Q(workspace=None),
        }.get(self.value() or "")
        return queryset if chosen is None else queryset & Subscription.objects.live().filter(chosen)


class BoostInline(StaffInline):
    """Packs, newest first."""

    model = Boost
    verbose_name_plural = "packs"
    fields = readonly_fields = ("add_on", "quantity", "starts_at", "ends_at", "revoked_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Boost]:
        return super().get_queryset(request).select_related("add_on", "workspace", "subscription")


class SubscriptionInline(StaffInline):
    """The subscriptions of a workspace, newest first."""

    model = Subscription
    fields = readonly_fields = ("plan", "state", "interval", "monthly", "current_period_end")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Subscription]:
        return super().get_queryset(request).select_related("plan", "workspace")

    @display(description="State", label=LABELS)
    def state(self, row: Subscription) -> str:
        return state_of(row)

    @display(description="A month")
    def monthly(self, row: Subscription) -> str:
        return dollars(row.monthly_cents)


class SubscriptionStaff(StaffAdmin):
    """What workspaces subscribe to. Stripe decides; nothing is edited here but by a deed."""

    list_display = ("id", "workspace", "plan", "state", "interval", "monthly", "current_period_end", "started_at")
    list_select_related = ("workspace", "plan")
    list_filter = (
        StateFilter,
        ("status", ChoicesDropdownFilter),
        ("plan", RelatedDropdownFilter),
        ("started_at", DaysFilter),
        ("current_period_end", DaysFilter),
    )
    search_fields = ("id", "customer_id", "workspace__name", "workspace__slug")
    ordering = ("-started_at", "id")
    inlines = (EntitlementInline, BoostInline)
    readonly_fields = (
        "in_stripe",
        "workspace",
        "customer_id",
        "state",
        "plan",
        "interval",
        "price_id",
        "quantity",
        "monthly",
        "started_at",
        "trial_ends_at",
        "current_period_end",
        "cancels_at",
        "cancel_requested_at",
        "ended_at",
        "next_plan",
        "next_interval",
        "next_at",
        "past_due_since",
        "grace_ends_at",
        "suspended_at",
        "suspended_because",
        "livemode",
        "synced_at",
    )
    fieldsets = (
        ("Subscription", {"fields": ("in_stripe", "workspace", "customer_id", "state", "livemode", "synced_at")}),
        ("Plan", {"fields": ("plan", "interval", "price_id", "quantity", "monthly")}),
        ("Times (UTC)", {"fields": ("started_at", "trial_ends_at", "current_period_end", "cancels_at", "ended_at")}),
        ("Next", {"fields": ("next_plan", "next_interval", "next_at", "cancel_requested_at")}),
        ("Trouble", {"fields": ("past_due_since", "grace_ends_at", "suspended_at", "suspended_because")}),
    )
    actions_detail = ("read_again", "lift", "cancel")

    def get_urls(self) -> list[URLPattern]:
        report = path("revenue/", self.admin_site.admin_view(self.revenue), name="billing_revenue")
        return [report, *super().get_urls()]

    def revenue(self, request: HttpRequest) -> HttpResponse:
        """Money by the month, who came and who went."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        titles = {"title": "Revenue", "content_title": "Revenue"}
        context = {**self.admin_site.each_context(request), **titles, **revenue_page()}
        return TemplateResponse(request, "staff/revenue.html", context)

    @display(description="State", ordering="status", label=LABELS)
    def state(self, row: Subscription) -> str:
        return state_of(row)

    @display(description="A month", ordering="monthly_cents")
    def monthly(self, row: Subscription) -> str:
        return dollars(row.monthly_cents)

    @display(description="Stripe subscription")
    def in_stripe(self, row: Subscription) -> str:
        """The id, as a link to Stripe's own page of it where there is one."""
        if settings.STRIPE_SANDBOX:
            return row.pk
        address = f"{DASHBOARD}{'' if row.livemode else 'test/'}subscriptions/{row.pk}"
        return format_html('<a class="text-link" href="{}" rel="noreferrer">{}</a>', address, row.pk)

    @button("Read from Stripe", url_path="read", permissions=("deed",), icon="sync")
    def read_again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        def run(row: Subscription, _: dict[str, Any]) -> str:
            read = reconcile.read_again(subscription=row, actor=staff_of(request))
            return f"Stripe says {read.get_status_display().lower()}; plan and packs follow that."

        text = "The subscription is read as Stripe has it now, and the workspace's plan and packs follow it."
        return self.perform(request, object_id, Deed("Read this subscription again?", text, "Read", Confirm, run))

    @button("Lift suspension", url_path="lift", permissions=("lift",))
    def lift(self, request: HttpRequest, object_id: str) -> HttpResponse:
        def run(row: Subscription, values: dict[str, Any]) -> str:
            suspension.lift_suspension(subscription=row, actor=staff_of(request), reason=values["reason"])
            return "The suspension is lifted. The workspace has what it pays for."

        text = "The plan comes back as far as it is paid. The refund or dispute that took it away does not do so again."
        return self.perform(request, object_id, Deed("Lift the suspension?", text, "Lift", WithReason, run))

    @button("Cancel now", url_path="cancel", permissions=("cancel",))
    def cancel(self, request: HttpRequest, object_id: str) -> HttpResponse:
        def run(row: Subscription, values: dict[str, Any]) -> str:
            closing.request_cancel(subscription=row, actor=staff_of(request), reason=values["reason"])
            return "The subscription is being cancelled. This page shows its end within a minute."

        text = (
            "It ends at once, not at the end of what was paid for, and the workspace falls back to its next grant or "
            "to free. Nothing is refunded: refunds are made in Stripe."
        )
        return self.perform(
            request,
            object_id,
            Deed("Cancel this subscription now?", text, "Cancel now", WithReason, run, is_grave=True),
        )

    def has_lift_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether this person may, and there is a suspension to lift."""
        if not self.has_deed_permission(request):
            return False
        return Subscription.objects.filter(pk=unquote(object_id), suspended_at__isnull=False).exists()

    def has_cancel_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether this person may, and the subscription has not ended."""
        if not self.has_deed_permission(request):
            return False
        return Subscription.objects.live().filter(pk=unquote(object_id), cancel_requested_at=None).exists()


def state_of(row: Subscription) -> str:
    """Stripe's word; suspended or ending where that says more."""
    if row.is_live and row.suspended_at:
        return "suspended"
    if row.is_live and (row.cancels_at or row.cancel_requested_at):
        return "ending"
    return str(row.status).replace("_", " ")
