"""A coupon as one customer has it."""

from __future__ import annotations

from typing import Any

from billing.sandbox.shapes import Json, shaped


def discount(coupon: str, **given: Any) -> Json:
    return shaped(
        {
            "id": "",
            "object": "discount",
            "checkout_session": None,
            "customer": None,
            "customer_account": None,
            "end": None,
            "invoice": None,
            "invoice_item": None,
            "promotion_code": None,
            "source": {"coupon": coupon, "type": "coupon"},
            "start": 0,
            "subscription": None,
            "subscription_item": None,
        },
        given,
    )
