"""Stripe's customer portal, set so that it does what our own pages do: up at once, down at the period's end."""

from __future__ import annotations

from typing import Any

import stripe
from django.conf import settings

from billing.payments.setup.steps import Steps
from billing.payments.stripe_api import client

MARK = {"made_by": "moondev"}


def set_portal(steps: Steps, products: dict[str, list[str]]) -> None:
    """Make our configuration, or bring it to what is sold now."""
    wanted = _wanted(products)
    found = portal_configuration()
    api = client().v1.billing_portal.configurations
    if found is None:
        params: Any = {**wanted, "metadata": MARK}
        steps.do("Created the customer portal's configuration.", lambda options: api.create(params, options))
    elif not _has(found.to_dict(), wanted):
        identity = found.id
        changes: Any = wanted
        steps.do(
            "Updated the customer portal's configuration.",
            lambda options: api.update(identity, changes, options),
        )


def portal_configuration() -> stripe.billing_portal.Configuration | None:
    """Ours. Stripe's own default is made by hand in its dashboard, and there may be none."""
    # Which products it sells is told on request alone.
    expand = ["data.features.subscription_update.products"]
    found = client().v1.billing_portal.configurations.list({"active": True, "limit": 100, "expand": expand})
    return next((row for row in found.data if _has(row.to_dict()["metadata"], MARK)), None)


def _wanted(products: dict[str, list[str]]) -> dict[str, Any]:
    update: dict[str, Any] = {"enabled": bool(products)}
    if products:
        update |= {
            "products": [{"product": product, "prices": prices} for product, prices in products.items()],
            "default_allowed_updates": ["price"],
            "proration_behavior": "always_invoice",
            "schedule_at_period_end": {
                "conditions": [{"type": "decreasing_item_amount"}, {"type": "shortening_interval"}]
            },
        }
    return {
        "default_return_url": f"{settings.PUBLIC_URL}/portal/plans/",
        "features": {
            "customer_update": {"enabled": True, "allowed_updates": ["email", "name", "address", "phone", "tax_id"]},
            "invoice_history": {"enabled": True},
            "payment_method_update": {"enabled": True},
            "subscription_cancel": {"enabled": True, "mode": "at_period_end"},
            "subscription_update": update,
        },
    }


def _has(found: Any, wanted: Any) -> bool:
    """Whether everything that is wanted is there; what Stripe has beyond it does not matter."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(_has(found.get(name), value) for name, value in wanted.items())
    if isinstance(wanted, list):
        rows = found or []
        return len(rows) == len(wanted) and all(any(_has(row, value) for row in rows) for value in wanted)
    return bool(found == wanted)
