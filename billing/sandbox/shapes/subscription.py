"""Subscriptions and their items. The period is on the item, not on the subscription."""

from __future__ import annotations

from typing import Any

from billing.sandbox.shapes import Json, listed, shaped


def subscription(items: list[Json], **given: Any) -> Json:
    """A subscription; `items` are subscription items."""
    identity = given.get("id", "")
    return shaped(
        {
            "id": identity,
            "object": "subscription",
            "application": None,
            "application_fee_percent": None,
            "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
            "billing_cycle_anchor": 0,
            "billing_cycle_anchor_config": None,
            "billing_mode": {
                "flexible": {"proration_discounts": "included"},
                "type": "flexible",
                "updated_at": None,
            },
            "billing_schedules": [],
            "billing_thresholds": None,
            "cancel_at": None,
            "cancel_at_period_end": False,
            "canceled_at": None,
            "cancellation_details": cancellation(None),
            "collection_method": "charge_automatically",
            "created": 0,
            "currency": "usd",
            "customer": "",
            "customer_account": None,
            "days_until_due": None,
            "default_payment_method": None,
            "default_source": None,
            "default_tax_rates": [],
            "description": None,
            "discounts": [],
            "ended_at": None,
            "invoice_settings": {
                "account_tax_ids": None,
                "custom_fields": None,
                "description": None,
                "footer": None,
                "issuer": {"type": "self"},
            },
            "items": listed(items, f"/v1/subscription_items?subscription={identity}"),
            "latest_invoice": None,
            "livemode": False,
            "managed_payments": {"enabled": False},
            "metadata": {},
            "next_pending_invoice_item_invoice": None,
            "on_behalf_of": None,
            "pause_collection": None,
            "payment_settings": {
                "payment_method_options": None,
                "payment_method_types": None,
                "save_default_payment_method": "off",
            },
            "pending_invoice_item_interval": None,
            "pending_setup_intent": None,
            "pending_update": None,
            "presentment_details": None,
            "schedule": None,
            "start_date": 0,
            "status": "incomplete",
            "test_clock": None,
            "transfer_data": None,
            "trial_end": None,
            "trial_settings": {"end_behavior": {"missing_payment_method": "create_invoice"}},
            "trial_start": None,
        },
        given,
    )


def subscription_item(price: Json, **given: Any) -> Json:
    """An item; `price` is the whole price object."""
    return shaped(
        {
            "id": "",
            "object": "subscription_item",
            "billed_until": None,
            "billing_thresholds": None,
            "created": 0,
            "current_period_end": 0,
            "current_period_start": 0,
            "discounts": [],
            "metadata": {},
            "plan": plan_of(price),
            "price": price,
            "quantity": 1,
            "subscription": "",
            "tax_rates": [],
        },
        given,
    )


def cancellation(reason: str | None, comment: str | None = None, feedback: str | None = None) -> Json:
    return {"comment": comment, "feedback": feedback, "feedback_option": None, "reason": reason}


def plan_of(price: Json) -> Json:
    """The older form of a recurring price, which items still carry."""
    recurring = price["recurring"] or {}
    return {
        "id": price["id"],
        "object": "plan",
        "active": price["active"],
        "amount": price["unit_amount"],
        "amount_decimal": price["unit_amount_decimal"],
        "billing_scheme": price["billing_scheme"],
        "created": price["created"],
        "currency": price["currency"],
        "interval": recurring.get("interval"),
        "interval_count": recurring.get("interval_count", 1),
        "livemode": False,
        "metadata": price["metadata"],
        "meter": None,
        "nickname": price["nickname"],
        "product": price["product"],
        "tiers_mode": None,
        "transform_usage": None,
        "trial_period_days": None,
        "usage_type": recurring.get("usage_type", "licensed"),
    }
