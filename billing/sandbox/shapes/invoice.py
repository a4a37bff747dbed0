"""Invoices, their lines, the items that wait for one, and what was paid on them.

There is no `invoice.subscription`, `charge` or `payment_intent` in this version: see `parent` and `payments`.
"""

from __future__ import annotations

from typing import Any

from billing.sandbox.shapes import Json, listed, shaped


def invoice(lines: list[Json], **given: Any) -> Json:
    identity = given.get("id", "")
    return shaped(
        {
            "id": identity,
            "object": "invoice",
            "account_country": "US",
            "account_name": "Sandbox",
            "account_tax_ids": None,
            "amount_due": 0,
            "amount_overpaid": 0,
            "amount_paid": 0,
            "amount_paid_off_stripe": 0,
            "amount_remaining": 0,
            "amount_shipping": 0,
            "application": None,
            "attempt_count": 0,
            "attempted": False,
            "auto_advance": True,
            "automatic_tax": automatic_tax(False),
            "automatically_finalizes_at": None,
            "billing_reason": "manual",
            "collection_method": "charge_automatically",
            "created": 0,
            "currency": "usd",
            "custom_fields": None,
            "customer": "",
            "customer_account": None,
            "customer_address": None,
            "customer_email": None,
            "customer_name": None,
            "customer_phone": None,
            "customer_shipping": None,
            "customer_tax_exempt": "none",
            "customer_tax_ids": [],
            "default_payment_method": None,
            "default_source": None,
            "default_tax_rates": [],
            "description": None,
            "discounts": [],
            "due_date": None,
            "effective_at": None,
            "ending_balance": None,
            "footer": None,
            "from_invoice": None,
            "hosted_invoice_url": None,
            "invoice_pdf": None,
            "issuer": {"type": "self"},
            "last_finalization_error": None,
            "latest_revision": None,
            "lines": listed(lines, f"/v1/invoices/{identity}/lines"),
            "livemode": False,
            "metadata": {},
            "next_payment_attempt": None,
            "number": None,
            "on_behalf_of": None,
            "parent": None,
            "payment_settings": {
                "default_mandate": None,
                "payment_method_options": None,
                "payment_method_types": None,
            },
            "period_end": 0,
            "period_start": 0,
            "post_payment_credit_notes_amount": 0,
            "pre_payment_credit_notes_amount": 0,
            "receipt_number": None,
            "rendering": None,
            "shipping_cost": None,
            "shipping_details": None,
            "starting_balance": 0,
            "statement_descriptor": None,
            "status": "draft",
            "status_transitions": {
                "finalized_at": None,
                "marked_uncollectible_at": None,
                "paid_at": None,
                "voided_at": None,
            },
            "subtotal": 0,
            "subtotal_excluding_tax": 0,
            "test_clock": None,
            "threshold_reason": None,
            "total": 0,
            "total_discount_amounts": [],
            "total_excluding_tax": 0,
            "total_pretax_credit_amounts": [],
            "total_taxes": [],
            "webhooks_delivered_at": None,
        },
        given,
    )


def automatic_tax(enabled: bool) -> Json:
    return {
        "disabled_reason": None,
        "enabled": enabled,
        "liability": {"type": "self"} if enabled else None,
        "provider": "stripe" if enabled else None,
        "status": "complete" if enabled else None,
    }


def line(price: Json, **given: Any) -> Json:
    """A line of an invoice; the amount is before discounts and taxes."""
    return shaped(
        {
            "id": "",
            "object": "line_item",
            "amount": 0,
            "currency": price["currency"],
            "description": None,
            "discount_amounts": [],
            "discountable": True,
            "discounts": [],
            "invoice": None,
            "livemode": False,
            "metadata": {},
            "parent": None,
            "period": {"end": 0, "start": 0},
            "pretax_credit_amounts": [],
            "pricing": pricing(price),
            "quantity": 1,
            "quantity_decimal": str(given.get("quantity", 1)),
            "subscription": None,
            "subtotal": given.get("amount", 0),
            "taxes": [],
        },
        given,
    )


def pricing(price: Json) -> Json:
    return {
        "price_details": {"price": price["id"], "product": price["product"]},
        "type": "price_details",
        "unit_amount_decimal": price["unit_amount_decimal"],
    }


def subscription_parent(item: Json, *, proration: bool, invoice_item: str | None = None) -> Json:
    """Where a line of a subscription comes from."""
    return {
        "invoice_item_details": None,
        "subscription_item_details": {
            "invoice_item": invoice_item,
            "proration": proration,
            "proration_details": {"credited_items": None} if proration else None,
            "subscription": item["subscription"],
            "subscription_item": item["id"],
        },
        "type": "subscription_item_details",
    }


def invoice_item(price: Json, **given: Any) -> Json:
    """Something to be paid with the next invoice, as prorations are."""
    return shaped(
        {
            "id": "",
            "object": "invoiceitem",
            "amount": 0,
            "currency": price["currency"],
            "customer": "",
            "customer_account": None,
            "date": 0,
            "description": None,
            "discountable": False,
            "discounts": [],
            "frozen_fields": None,
            "invoice": None,
            "livemode": False,
            "metadata": {},
            "net_amount": None,
            "parent": None,
            "period": {"end": 0, "start": 0},
            "pricing": pricing(price),
            "proration": False,
            "proration_details": None,
            "quantity": 1,
            "quantity_decimal": str(given.get("quantity", 1)),
            "tax_rates": [],
            "test_clock": None,
        },
        given,
    )


def invoice_payment(intent: str, **given: Any) -> Json:
    return shaped(
        {
            "id": "",
            "object": "invoice_payment",
            "amount_paid": None,
            "amount_requested": 0,
            "created": 0,
            "currency": "usd",
            "invoice": "",
            "is_default": True,
            "livemode": False,
            "payment": {"payment_intent": intent, "type": "payment_intent"},
            "status": "open",
            "status_transitions": {"canceled_at": None, "paid_at": None},
        },
        given,
    )
