"""Everything that the sandbox answers, registered by being imported. The modules here are what a shop sets up."""

from __future__ import annotations

from importlib import import_module

MODULES = (
    "calls.checkout",
    "calls.invoices",
    "calls.payments",
    "calls.portal",
    "calls.schedules",
    "calls.subscription_items",
    "calls.subscriptions",
    "engine.agenda",
    "events",
    "hosted.checkout",
    "hosted.invoice",
    "hosted.portal",
    "resources.accounts",
    "resources.coupons",
    "resources.customers",
    "resources.payment_methods",
    "resources.portal_configurations",
    "resources.prices",
    "resources.products",
    "resources.promotion_codes",
    "resources.tax_rates",
    "resources.webhook_endpoints",
)


def load() -> None:
    for name in MODULES:
        import_module(f"billing.sandbox.{name}")
