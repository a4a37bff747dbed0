"""The account that all of this belongs to."""

from __future__ import annotations

from typing import Any

from billing.sandbox.errors import NoSuch
from billing.sandbox.forms import Params
from billing.sandbox.http import resource
from billing.sandbox.store import Object

ACCOUNT = "acct_1Sandbox00000000"


def account() -> Object:
    return {
        "id": ACCOUNT,
        "object": "account",
        "business_profile": _profile(),
        "business_type": "company",
        "capabilities": {"card_payments": "active", "transfers": "active"},
        "charges_enabled": True,
        "controller": {"type": "account"},
        "country": "US",
        "created": 1_700_000_000,
        "default_currency": "usd",
        "details_submitted": True,
        "email": "sandbox@example.com",
        "metadata": {},
        "payouts_enabled": True,
        "settings": _settings(),
        "type": "standard",
    }


def _profile() -> dict[str, Any]:
    return {
        "annual_revenue": None,
        "estimated_worker_count": None,
        "mcc": "5734",
        "minority_owned_business_designation": None,
        "name": "Payment sandbox",
        "product_description": None,
        "support_address": None,
        "support_email": None,
        "support_phone": None,
        "support_url": None,
        "url": None,
    }


def _settings() -> dict[str, Any]:
    return {
        "bacs_debit_payments": {"display_name": None, "service_user_number": None},
        "branding": {"icon": None, "logo": None, "primary_color": None, "secondary_color": None},
        "card_issuing": {"tos_acceptance": {"date": None, "ip": None}},
        "card_payments": {
            "decline_on": {"avs_failure": False, "cvc_failure": False},
            "statement_descriptor_prefix": None,
            "statement_descriptor_prefix_kana": None,
            "statement_descriptor_prefix_kanji": None,
        },
        "dashboard": {"display_name": "Payment sandbox", "timezone": "Etc/UTC"},
        "invoices": {"default_account_tax_ids": None, "hosted_payment_method_save": "offer"},
        "payments": {
            "statement_descriptor": "SANDBOX",
            "statement_descriptor_kana": None,
            "statement_descriptor_kanji": None,
        },
        "sepa_debit_payments": {},
    }


@resource("GET", "v1/account", takes="")
def retrieve_own(params: Params) -> Object:
    return account()


@resource("GET", "v1/accounts/<id>", takes="")
def retrieve(params: Params, id: str) -> Object:
    if id != ACCOUNT:
        raise NoSuch("account", id)
    return account()
