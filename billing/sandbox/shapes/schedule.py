"""Subscription schedules: what is to change, and when."""

from __future__ import annotations

from typing import Any

from billing.sandbox.shapes import Json, shaped


def schedule(**given: Any) -> Json:
    return shaped(
        {
            "id": "",
            "object": "subscription_schedule",
            "application": None,
            "billing_mode": {
                "flexible": {"proration_discounts": "included"},
                "type": "flexible",
                "updated_at": None,
            },
            "canceled_at": None,
            "completed_at": None,
            "created": 0,
            "current_phase": None,
            "customer": "",
            "customer_account": None,
            "default_settings": {
                "application_fee_percent": None,
                "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
                "billing_cycle_anchor": "automatic",
                "billing_thresholds": None,
                "collection_method": "charge_automatically",
                "default_payment_method": None,
                "description": None,
                "invoice_settings": {
                    "account_tax_ids": None,
                    "custom_fields": None,
                    "days_until_due": None,
                    "description": None,
                    "footer": None,
                    "issuer": {"type": "self"},
                },
                "on_behalf_of": None,
                "transfer_data": None,
            },
            "end_behavior": "release",
            "livemode": False,
            "metadata": {},
            "phases": [],
            "released_at": None,
            "released_subscription": None,
            "status": "not_started",
            "subscription": None,
            "test_clock": None,
        },
        given,
    )


def phase(items: list[Json], **given: Any) -> Json:
    fields = shaped(
        {
            # A phase names no kind in Stripe's answers; the word is taken off again below.
            "object": "phase",
            "add_invoice_items": [],
            "application_fee_percent": None,
            "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
            "billing_cycle_anchor": None,
            "billing_thresholds": None,
            "collection_method": None,
            "currency": "usd",
            "default_payment_method": None,
            "default_tax_rates": [],
            "description": None,
            "discounts": [],
            "end_date": 0,
            "invoice_settings": None,
            "items": items,
            "metadata": {},
            "on_behalf_of": None,
            "proration_behavior": "create_prorations",
            "start_date": 0,
            "transfer_data": None,
            "trial_end": None,
        },
        given,
    )
    del fields["object"]
    return fields


def phase_item(price: str, quantity: int, metadata: Json) -> Json:
    return {
        "billing_thresholds": None,
        "discounts": [],
        "metadata": metadata,
        "plan": price,
        "price": price,
        "quantity": quantity,
        "tax_rates": [],
    }


def phase_discount(**named: str) -> Json:
    """A discount that a phase has: one of `coupon`, `discount` and `promotion_code`."""
    return {"coupon": None, "discount": None, "promotion_code": None} | named
