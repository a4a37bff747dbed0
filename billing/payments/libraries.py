"""How the libraries of payment behave here: no secret in their tables, bounded waits, no retries of their own.

dj-stripe looks for the account behind an API key before it stores any object; for that it keeps the key as plain text
in a table, and asks Stripe once more. There is one account here, so no object needs its owner named.
"""

from __future__ import annotations

from typing import Any

import stripe
from django.db.models.signals import pre_save
from djstripe.models import Account, APIKey
from djstripe.models.base import StripeBaseModel

from billing.payments.stripe_api import ANSWER_SECONDS, CONNECT_SECONDS

# Whoever has one of these may act for us or for a buyer.
SECRETS = ("secret", "client_secret")


class KeyInTable(RuntimeError):
    """Something was about to write an API key down. Keys come from the environment and stay there."""


def configure() -> None:
    """Set both libraries up, once a process."""
    # dj-stripe calls Stripe through the library's globals, whose own wait is 80 s, three times over.
    stripe.max_network_retries = 0
    stripe.default_http_client = stripe.RequestsClient(timeout=(CONNECT_SECONDS, ANSWER_SECONDS))
    Account.get_or_retrieve_for_api_key = staticmethod(_no_owner)
    pre_save.connect(_refuse_key, sender=APIKey, dispatch_uid="no key in a table")
    pre_save.connect(_forget_secrets, dispatch_uid="no secret in a table")


def _no_owner(api_key: str) -> None:
    """In place of the look-up that keeps the key."""


def _refuse_key(**_: Any) -> None:
    raise KeyInTable("API keys of Stripe are not stored; set STRIPE_SECRET_KEY in the environment.")


def _forget_secrets(*, instance: Any, **_: Any) -> None:
    """Leave out what Stripe tells once and nobody here reads from a table: ours are in the environment."""
    if not isinstance(instance, StripeBaseModel):
        return
    for name in SECRETS:
        instance.stripe_data.pop(name, None)
        if getattr(instance, name, None):
            setattr(instance, name, "")
