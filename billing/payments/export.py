"""What a workspace paid and has, in its export."""

from __future__ import annotations

from typing import Any

from accounts.models import Workspace
from billing.models import Boost, Entitlement, Subscription
from billing.payments.invoices import invoices_of


def billing_of(workspace: Workspace) -> dict[str, Any]:
    """Subscriptions, grants, packs and invoices as plain values. Money in cents; no card, which only Stripe has."""
    subscriptions = Subscription.objects.for_workspace(workspace)
    grants = Entitlement.objects.for_workspace(workspace)
    packs = Boost.objects.for_workspace(workspace)
    return {
        "subscriptions": list(
            subscriptions.values(
                "id", "customer_id", "status", "plan", "interval", "quantity", "monthly_cents", "started_at",
                "current_period_end", "trial_ends_at", "cancels_at", "ended_at",
            )
        ),
        "grants": list(grants.values("plan", "source", "reason", "starts_at", "ends_at", "revoked_at")),
        "packs": list(packs.values("add_on", "quantity", "starts_at", "ends_at", "revoked_at")),
        "invoices": _invoices(workspace),
    }  # fmt: skip


def _invoices(workspace: Workspace) -> list[dict[str, Any]]:
    pages = invoices_of(workspace).pages
    rows = [row for page in range(1, pages + 1) for row in invoices_of(workspace, page).rows]
    names = ("number", "issued_at", "total_cents", "currency", "status")
    return [{name: getattr(row, name) for name in names} for row in rows]
