"""What a workspace pays, has and was told, side by side on one page."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import Workspace
from billing.models import Boost, Case, Customer, Entitlement, StripeEvent, Subscription
from billing.payments.customers import customers_of
from billing.staff import cases, grants, subscriptions
from billing.staff.revenue import dollars

LATEST = 50


def billing_of(workspace: Workspace) -> dict[str, Any]:
    """The rows of a workspace, newest first, each with its state in a word."""
    held = list(Subscription.objects.for_workspace(workspace).select_related("plan", "next_plan"))
    customers = Customer.objects.for_workspace(workspace).order_by("-is_current", "-created_at")
    granted = Entitlement.objects.for_workspace(workspace).select_related("plan")[:LATEST]
    return {
        "customers": customers,
        "subscriptions": [(row, subscriptions.state_of(row), dollars(row.monthly_cents)) for row in held],
        "entitlements": [(row, grants.state_of(row)) for row in granted],
        "boosts": Boost.objects.for_workspace(workspace).select_related("add_on")[:LATEST],
        "cases": [(row, cases.state_of(row)) for row in Case.objects.filter(workspace=workspace)[:LATEST]],
        "events": events_of(customers_of(workspace))[:LATEST],
    }


def events_of(customer_ids: set[str]) -> QuerySet[StripeEvent]:
    """What Stripe told about some customers."""
    about = Q(customer_id__in=customer_ids) | Q(object_id__in=customer_ids)
    rows: QuerySet[StripeEvent] = StripeEvent.objects.filter(about).defer("payload")
    return rows
